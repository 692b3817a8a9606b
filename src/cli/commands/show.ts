import path from 'node:path';
import type { z } from 'zod';
import type { ExecutionFile, NodeRecord } from '../../domain/node-record';
import { formatSeconds } from '../../domain/format';
import type { NodeView, RunView } from '../../report/run-view';
import { scoreFacts } from '../../report/score-facts';
import { loadNodeTexts } from '../../report/node-texts';
import { notedInWords, stageInWords } from '../../report/tree-words';
import { originInWords, outcomeInWords } from '../../report/words';
import { runKeys } from '../../store/run-keys';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { showJsonSchema } from '../json-output';
import { nodeJson } from '../node-json';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';
import { wrapped } from '../wrapped';

type ShownNode = z.infer<typeof showJsonSchema>;

/** Most output shown, in characters. */
const OUTPUT_LIMIT = 20_000;

/** Columns by which the further lines of a fact stand in. */
const HANGING = 2;

/** Sections whose lines are no words to be wrapped. */
const AS_WRITTEN: ReadonlySet<string> = new Set(['solution.py', 'output']);

export async function showNode(
  context: CommandContext,
  runId: string,
  nodeText: string,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  const node = requireNode(view, nodeText);
  const texts = await loadNodeTexts(context.store, runId, node.id, OUTPUT_LIMIT);
  const record = node.status === 'in_flight' ? null : node.record;
  const shown: ShownNode = {
    runId,
    node: nodeJson(node, view),
    title: record?.title ?? null,
    message: record?.message ?? null,
    plan: texts.plan,
    code: texts.code,
    output: texts.output,
    hints: [...texts.hints],
    review: texts.review === null ? null : { verdict: texts.review.verdict, summary: texts.review.summary },
    directory: path.join(context.settings.store, ...runKeys(runId).node(node.id).directory.split('/')),
    kept: keptOf(texts.execution),
  };
  if (options.json) {
    printJson(context, showJsonSchema, shown);
    return ExitCode.done;
  }
  for (const line of wrapped(context, factLines(node, shown, view), HANGING)) context.print(line);
  for (const [title, text] of sections(shown)) {
    const lines = text.trimEnd().split('\n');
    context.print(`\n── ${title} ──\n${(AS_WRITTEN.has(title) ? lines : wrapped(context, lines)).join('\n')}`);
  }
  return ExitCode.done;
}

function factLines(node: NodeView, shown: ShownNode, view: RunView): string[] {
  const notes = node.status === 'in_flight' ? null : node.notes;
  return [
    `node ${node.id}: ${originInWords(node)}`,
    ...(node.status === 'in_flight' ? [stageInWords(node.stage)] : outcomeLines(node.record, view)),
    ...(shown.node.pruned ? ['pruned: it takes no part in best and selection'] : []),
    ...(notes === null ? [] : [`noted: ${[notedInWords(notes), notes.text].filter(Boolean).join('; ')}`]),
    `files: ${shown.directory}`,
    ...(shown.kept === null ? [] : [`working directory: ${shown.kept.directory} on host ${shown.kept.hostId}`]),
  ];
}

function outcomeLines(record: NodeRecord, view: RunView): string[] {
  return [
    `outcome: ${outcomeInWords(record)}${record.message === '' ? '' : `, ${record.message}`}`,
    ...scoreFacts(record, view).map(([name, value]) => `${name}: ${value}`),
    ...(record.scriptSeconds === null ? [] : [`script ran: ${formatSeconds(record.scriptSeconds)}`]),
  ];
}

function keptOf(execution: ExecutionFile | null): ShownNode['kept'] {
  return execution?.keptAt === undefined ? null : { hostId: execution.hostId, directory: execution.keptAt };
}

function sections(shown: ShownNode): [string, string][] {
  const all: [string, string | null][] = [
    ['plan', shown.plan],
    ['hints', shown.hints.map((hint) => `- ${hint.trim()}`).join('\n')],
    ['review', shown.review === null ? null : `${shown.review.verdict}: ${shown.review.summary}`],
    ['solution.py', shown.code],
    ['output', shown.output],
  ];
  return all.flatMap(([title, text]) => (text === null || text === '' ? [] : [[title, text]]));
}
