import { mkdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import type { Preview } from '../../../src/domain/preview';
import { isBetter } from '../../../src/domain/direction';
import type { Task } from '../../../src/domain/task';
import { offlineRefusal } from '../../../src/llm/offline/offline-model';
import { loadTask } from '../../../src/task/load-task';
import { previewData } from '../../../src/task/preview';
import { DEFAULT_PREVIEW_LIMITS } from '../../../src/task/preview-limits';
import { DRAFT_FACTS, triedNode, workingParent } from '../support/facts';
import { askOffline } from '../support/offline-search';
import { runTogether } from '../support/run-script';
import type { AwkwardTable } from './awkward-tables';

export interface Solved {
  readonly name: string;
  /** What coppice made of the data, in a few words. */
  readonly inferred: string;
  /** Best score; null without a working script. */
  readonly best: number | null;
  readonly metric: string;
  /** Why nothing can be done offline; null when something can. */
  readonly refusal: string | null;
  /** What went wrong in scripts. */
  readonly failures: readonly string[];
  /** Whether the best script left a submission. */
  readonly submitted: boolean;
}

interface Attempt {
  readonly id: number;
  readonly code: string;
  readonly outcome: number | string;
}

interface Problem {
  readonly name: string;
  readonly directory: string;
  readonly loaded: { readonly task: Task; readonly preview: Preview } | null;
  readonly refusal: string | null;
  readonly attempts: readonly Attempt[];
}

/** How to come to an end sooner than a search would. */
export interface Haste {
  /** What is run in place of a script. */
  readonly asRun: (code: string) => string;
  /** Names of the data sets of which a single draft is enough. */
  readonly once: readonly string[];
}

/** A busy machine must not change what is found. */
const PATIENT = { ...DEFAULT_PREVIEW_LIMITS, tableMilliseconds: 240_000, totalMilliseconds: 480_000 };

/** Nodes made, the first two of them drafts: a linear model, boosting, and an improvement of the better one. */
const NODES = [2, 3, 6];
const DRAFTS = 2;

/**
 * Brings every data set through the offline model: two drafts and an improvement of the better one.
 *
 * @param haste default: none
 */
export async function solveAll(
  tables: readonly AwkwardTable[],
  scratch: string,
  haste: Haste = { asRun: (code) => code, once: [] },
): Promise<readonly Solved[]> {
  let problems: readonly Problem[] = [];
  for (const [index, table] of tables.entries()) {
    problems = [...problems, await open(table, path.join(scratch, String(index)))];
  }
  for (const id of NODES) problems = await attempt(problems, id, path.join(scratch, `node-${id}`), haste);
  return problems.map((problem, index) => conclude(problem, index, scratch));
}

async function open({ name, make }: AwkwardTable, directory: string): Promise<Problem> {
  const bare = { name, directory, loaded: null, attempts: [] };
  mkdirSync(directory, { recursive: true });
  const result = await loadTask({ task: await make(directory) }, directory);
  if (!result.ok) return { ...bare, refusal: result.message };
  const { task } = result;
  const present = (names: readonly (string | null)[]): string[] => names.filter((found) => found !== null);
  const focus = { tables: present([task.train, task.test, task.sample]), columns: present([task.target, task.id]) };
  const preview = await previewData(task.dataDirectory, focus, PATIENT);
  return { ...bare, directory: task.dataDirectory, loaded: { task, preview }, refusal: offlineRefusal(task, preview) };
}

async function attempt(
  problems: readonly Problem[],
  id: number,
  directory: string,
  { asRun, once }: Haste,
): Promise<readonly Problem[]> {
  const codes: Record<string, string> = {};
  const scripts: Record<string, { readonly code: string; readonly inputDirectory: string }> = {};
  for (const [index, problem] of problems.entries()) {
    if (problem.attempts.length > 0 && once.includes(problem.name)) continue;
    const code = await propose(problem, id);
    if (code === null) continue;
    codes[String(index)] = code;
    scripts[String(index)] = { code: asRun(code), inputDirectory: problem.directory };
  }
  mkdirSync(directory, { recursive: true });
  const outcomes = await runTogether(scripts, directory);
  return problems.map((problem, index) => {
    const code = codes[String(index)];
    const outcome = outcomes[String(index)];
    if (code === undefined || outcome === undefined) return problem;
    return { ...problem, attempts: [...problem.attempts, { id, code, outcome }] };
  });
}

async function propose({ loaded, refusal, attempts }: Problem, id: number): Promise<string | null> {
  if (loaded === null || refusal !== null) return null;
  const tried = attempts.map(({ id: known, code, outcome }) =>
    triedNode(
      known,
      null,
      code,
      typeof outcome === 'number' ? { metric: outcome } : { metric: null, status: 'failed' },
    ),
  );
  const best = bestOf(attempts, loaded.task);
  const facts = { ...DRAFT_FACTS, ...loaded, nodeId: id, tried };
  if (attempts.length < DRAFTS || best === null) return (await askOffline(facts)).code;
  const parent = workingParent(best.id, best.code, best.metric);
  return (await askOffline({ ...facts, operator: 'improve', parent })).code;
}

function bestOf(attempts: readonly Attempt[], { direction }: Task): (Attempt & { readonly metric: number }) | null {
  let best: (Attempt & { readonly metric: number }) | null = null;
  for (const each of attempts) {
    const { outcome } = each;
    if (typeof outcome !== 'number') continue;
    if (best === null || isBetter(outcome, best.metric, direction)) best = { ...each, metric: outcome };
  }
  return best;
}

function conclude({ name, loaded, refusal, attempts }: Problem, index: number, scratch: string): Solved {
  const best = loaded === null ? null : bestOf(attempts, loaded.task);
  const working = path.join(scratch, `node-${best?.id ?? 0}`, String(index), 'working');
  return {
    name,
    inferred: loaded === null ? '' : inWords(loaded.task, loaded.preview),
    best: best?.metric ?? null,
    metric: loaded?.task.metric ?? '',
    refusal,
    failures: attempts.flatMap(({ outcome }) =>
      typeof outcome === 'string' ? [outcome.trim().split('\n').slice(-4).join(' | ')] : [],
    ),
    submitted: best !== null && existsSync(path.join(working, 'submission.csv')),
  };
}

function inWords({ train, target, id }: Task, preview: Preview): string {
  const table = preview.tables.find(({ path: known }) => known === train) ?? preview.tables[0];
  if (table === undefined) return 'no table';
  const { format, compression, encoding, delimiter, decimal, thousands, columns, columnsLeftOut, rows } = table;
  const words = [
    `${rows} rows, ${columns.length + columnsLeftOut} columns`,
    [format, compression].filter((word) => word !== null).join(' in '),
    ...(format === 'csv' ? [encoding, `separator ${JSON.stringify(delimiter)}`] : []),
    ...(decimal === '.' ? [] : [`decimal ${decimal}`]),
    ...(thousands === null ? [] : [`thousands ${JSON.stringify(thousands)}`]),
    `target ${target ?? 'unknown'}`,
    `id ${id ?? 'none'}`,
    ...columns.flatMap(({ name, dateFormats }) =>
      dateFormats.length === 0 ? [] : [`${name} as ${dateFormats.join(' ')}`],
    ),
  ];
  return words.join(', ');
}
