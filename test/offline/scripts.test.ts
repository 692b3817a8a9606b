import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { knownDirection } from '../../src/domain/metrics';
import type { Block } from '../../src/llm/offline/blocks/block';
import { ALL_BLOCKS } from '../../src/llm/offline/blocks/block-list';
import { computableMetrics, metricKinds } from '../../src/llm/offline/metric-code';
import { createOfflineModel } from '../../src/llm/offline/offline-model';
import { readRecipe, recipeLines } from '../../src/llm/offline/recipe';
import { DRAFT_FACTS, failedParent, triedNode, workingParent } from './support/facts';
import { makeTable, type MadeUpTable } from './support/made-up-table';
import { askOffline } from './support/offline-search';
import { hurried, runPython, runScript, runTogether } from './support/run-script';

type Scripts = Record<string, { code: string; inputDirectory: string }>;

let directory: string;
/** Small tables whose targets suit every metric: amounts that are never negative, and classes that are numbers. */
let tables: Readonly<Record<'regression' | 'binary' | 'multiclass', MadeUpTable>>;

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'coppice-scripts-'));
  tables = { regression: findTable('regression'), binary: findTable('binary'), multiclass: findTable('multiclass') };
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function findTable(kind: keyof typeof tables): MadeUpTable {
  for (let seed = 1; seed < 500; seed += 1) {
    const made = makeTable(seed, path.join(directory, `${kind}-${seed}`));
    const train = made.preview.tables[0];
    const target = train?.columns.at(-1);
    const types = new Set(train?.columns.map(({ type }) => type));
    const suits = kind === 'regression' ? Number(target?.minimum) > 0 : target?.type === 'integer';
    const small = (train?.rows ?? Infinity) < 700;
    const varied =
      types.has('date') && types.has('boolean') && train?.columns.some(({ missing }) => missing > 0) === true;
    if (made.description.includes(`: ${kind}`) && suits && small && varied) return made;
    rmSync(made.task.dataDirectory, { recursive: true });
  }
  throw new Error(`no fitting ${kind} table`);
}

async function draft(
  { task, preview }: Pick<MadeUpTable, 'task' | 'preview'>,
  nodeId: number,
  blocks: readonly Block[] = ALL_BLOCKS,
): Promise<string> {
  return (await askOffline({ ...DRAFT_FACTS, task, preview, nodeId }, createOfflineModel(blocks))).code;
}

async function improvement({ task, preview }: MadeUpTable, code: string, blocks: readonly Block[]): Promise<string> {
  const facts = { ...DRAFT_FACTS, task, preview, nodeId: 6, operator: 'improve' } as const;
  const parent = workingParent(1, code, 10);
  return (await askOffline({ ...facts, parent, tried: [triedNode(1, null, code)] }, createOfflineModel(blocks))).code;
}

/** Runs the scripts hurriedly, for all that is asked of them is that they run. */
async function expectToRun(scripts: Scripts, name: string): Promise<void> {
  const quick: Scripts = {};
  for (const [key, { code, inputDirectory }] of Object.entries(scripts)) {
    quick[key] = { code: hurried(code), inputDirectory };
  }
  expectScores(await runTogether(quick, path.join(directory, name)), scripts);
}

function expectScores(outcomes: Readonly<Record<string, number | string>>, scripts: Scripts): void {
  expect(Object.keys(outcomes).sort()).toEqual(Object.keys(scripts).sort());
  expect(Object.entries(outcomes).filter(([, outcome]) => typeof outcome === 'string')).toEqual([]);
}

test('with any one of the building blocks removed, a draft that would use it and an improvement still run', async () => {
  const problem = tables.regression;
  const inputDirectory = problem.task.dataDirectory;
  const scripts: Scripts = {};
  for (const removed of ALL_BLOCKS) {
    const blocks = ALL_BLOCKS.filter((block) => block !== removed);
    const nodeId = [1, 2, 3, 4, 5].find((id) => id === nodeThatUses(removed)) ?? 1;
    const first = await draft(problem, nodeId, blocks);
    const second = await improvement(problem, first, blocks);
    expect([first, second].filter((code) => uses(code, removed))).toEqual([]);
    scripts[`${removed.kind}-${removed.name}-draft`] = { code: first, inputDirectory };
    scripts[`${removed.kind}-${removed.name}-improve`] = { code: second, inputDirectory };
  }
  const once = Object.entries(scripts).filter(
    ([, { code }], place, all) => all.findIndex(([, other]) => other.code === code) === place,
  );
  const distinct = Object.fromEntries(once);
  await expectToRun(distinct, 'without');
}, 900_000);

/** The draft that is most at a loss without the block. */
function nodeThatUses({ kind, name }: Block): number {
  if (kind === 'expansion') return 5;
  if (kind === 'scaling' || name === 'one_hot' || name === 'linear') return 2;
  return name === 'native' || kind === 'target' || kind === 'blend' ? 3 : 1;
}

function uses(code: string, { kind, name }: Block): boolean {
  const recipe = readRecipe(code);
  if (recipe === null) throw new Error('no recipe');
  if (kind === 'blend') return recipe.blend.length > 0;
  const slots = [recipe.model, ...recipe.blend].flatMap((part) => [
    `family ${part.family}`,
    `missing ${String(part.missing)}`,
    `scaling ${String(part.scaling)}`,
    `categories ${String(part.categories)}`,
    `expansion ${String(part.expansion)}`,
  ]);
  const others = [`target ${String(recipe.target)}`, ...recipe.features.map((feature) => `features ${feature}`)];
  return [...slots, ...others].includes(`${kind} ${name}`);
}

test('every metric can be computed for every kind of problem that it is for', async () => {
  const scripts: Scripts = {};
  for (const metric of computableMetrics()) {
    for (const kind of metricKinds(metric) ?? []) {
      const { task, preview } = tables[kind];
      const direction = knownDirection(metric) ?? 'minimize';
      const code = await draft({ task: { ...task, metric, direction }, preview }, 1);
      scripts[`${metric}-${kind}`] = { code, inputDirectory: task.dataDirectory };
    }
  }
  await expectToRun(scripts, 'metrics');
}, 600_000);

test('every block runs: one script for each listed change to each family', async () => {
  const seen = new Set<string>();
  const scripts: Scripts = {};
  for (const [kind, { task, preview }] of Object.entries(tables)) {
    for (let family = 1; family <= 7; family += 1) {
      const code = await draft({ task, preview }, family);
      const tried = [triedNode(1, null, code)];
      for (let nodeId = 8; nodeId < 48; nodeId += 1) {
        const facts = { ...DRAFT_FACTS, task, preview, nodeId, tried, operator: 'improve' } as const;
        const next = await askOffline({ ...facts, parent: workingParent(1, code, 10) });
        tried.push(triedNode(nodeId, 1, recipeLines(next.code), { metric: 11 }));
        const change = `${kind}-${readRecipe(next.code)?.model.family ?? ''}-${readRecipe(next.code)?.origin.change ?? ''}`;
        // Running them all takes minutes: each change once for each kind of problem, all others are compiled below.
        const key = change.replace(/-\w+-/, '-');
        if (change.endsWith('variation')) break;
        if (!seen.has(key)) scripts[change] = { code: next.code, inputDirectory: task.dataDirectory };
        seen.add(key);
      }
    }
  }
  expect(Object.keys(scripts).length).toBeGreaterThan(50);
  await expectToRun(scripts, 'changes');
}, 900_000);

test('the boosting libraries run on every kind of problem', async () => {
  const scripts: Scripts = {};
  for (const [kind, problem] of Object.entries(tables)) {
    for (const nodeId of [8, 9]) {
      const code = await draft(problem, nodeId);
      expect(readRecipe(code)?.model.family).toBe(nodeId === 8 ? 'lightgbm' : 'xgboost');
      scripts[`${kind}-${nodeId}`] = { code, inputDirectory: problem.task.dataDirectory };
    }
  }
  await expectToRun(scripts, 'libraries');
}, 300_000);

test('whatever is improved or debugged, the script is Python', async () => {
  const folder = path.join(directory, 'compiled');
  mkdirSync(folder);
  const files: string[] = [];
  for (const [kind, { task, preview }] of Object.entries(tables)) {
    let code = await draft({ task, preview }, 3);
    for (let nodeId = 6; nodeId < 40; nodeId += 1) {
      const operator = nodeId % 5 === 0 ? 'debug' : 'improve';
      const reason = nodeId % 2 === 0 ? 'timeout' : 'out_of_memory';
      const parent = operator === 'debug' ? failedParent(code, '', { reason }) : workingParent(nodeId, code, 10);
      code = (await askOffline({ ...DRAFT_FACTS, task, preview, nodeId, operator, parent })).code;
      files.push(path.join(folder, `${kind}-${nodeId}.py`));
      writeFileSync(files.at(-1) ?? '', code);
    }
  }
  expect(await runPython(['-W', 'error', '-m', 'py_compile', ...files], folder)).toEqual({ exitCode: 0, output: '' });
}, 300_000);

test('predictions stand beside the ids of the sample, in its order, and are the same each time', async () => {
  const { task, preview } = tables.regression;
  const code = await draft({ task, preview }, 3);
  const plain = await runScript(code, task.dataDirectory, path.join(directory, 'plain'));
  const reversedInput = path.join(directory, 'reversed-input');
  cpSync(task.dataDirectory, reversedInput, { recursive: true });
  const reverse = (text: string): string => {
    const [header, ...rows] = text.trimEnd().split('\n');
    return [header, ...rows.reverse(), ''].join('\n');
  };
  const sample = path.join(reversedInput, 'sample.csv');
  writeFileSync(sample, reverse(readFileSync(sample, 'utf8')));
  const reversed = await runScript(code, reversedInput, path.join(directory, 'reversed'));
  expect(plain.output).toMatch(/Validation metric \(\w+\): \d+\.\d+\n$/);
  expect(plain.submission).not.toBeNull();
  expect(reversed.submission).toBe(reverse(plain.submission ?? ''));
}, 300_000);
