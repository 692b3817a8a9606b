import path from 'node:path';
import type { z } from 'zod';
import type { ExecutionFile } from '../../domain/node-record';
import { formatSeconds } from '../../domain/format';
import { scoreFacts } from '../../report/score-facts';
import { loadNodeTexts } from '../../report/node-texts';
import { notedInWords } from '../../report/tree-words';
import { originInWords, outcomeInWords } from '../../report/words';
import { runKeys } from '../../store/run-keys';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { showJsonSchema } from '../json-output';
import { nodeJson } from '../node-json';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';

type ShownNode = z.infer<typeof showJsonSchema>;

/** Most output shown, in characters. */
const OUTPUT_LIMIT = 20_000;

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
  context.print(`node ${node.id}: ${originInWords(node)}`);
  if (node.status === 'in_flight') {
    context.print(`in flight: ${node.stage}`);
  } else {
    const { record } = node;
    context.print(`outcome: ${outcomeInWords(record)}${record.message === '' ? '' : `, ${record.message}`}`);
    for (const [name, value] of scoreFacts(record, view)) context.print(`${name}: ${value}`);
    if (record.scriptSeconds !== null) context.print(`script ran: ${formatSeconds(record.scriptSeconds)}`);
  }
  if (shown.node.pruned) context.print('pruned: it takes no part in best and selection');
  if (texts.notes !== null)
    context.print(`noted: ${[notedInWords(texts.notes), texts.notes.text].filter(Boolean).join('; ')}`);
  context.print(`files: ${shown.directory}`);
  if (shown.kept !== null) context.print(`working directory: ${shown.kept.directory} on host ${shown.kept.hostId}`);
  for (const [title, text] of sections(shown)) context.print(`\n── ${title} ──\n${text.trimEnd()}`);
  return ExitCode.done;
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
