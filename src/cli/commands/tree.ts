import { scoreInWords } from '../../report/evaluation-words';
import { formatMetric } from '../../report/format';
import { marksInWords } from '../../report/mark-words';
import type { NodeView, RunView } from '../../report/run-view';
import { bestOf, candidateOf, marksOf } from '../../report/run-view';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { TreeJson } from '../json-output';
import { treeJsonSchema } from '../json-output';
import { nodeJson } from '../node-json';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';

export async function showTree(
  context: CommandContext,
  runId: string,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  if (options.json) printJson(context, treeJsonSchema, treeJson(view));
  else for (const line of treeLines(view)) context.print(line);
  return ExitCode.done;
}

function treeJson(view: RunView): TreeJson {
  const nodes = view.nodes.map((node) => nodeJson(node, view));
  return {
    runId: view.runId,
    direction: view.run.task.direction,
    nodes: nodes.filter((node) => 'status' in node),
    inFlight: nodes.filter((node) => 'stage' in node),
  };
}

function treeLines(view: RunView): string[] {
  const { task } = view.run;
  const childrenOf = new Map<number | null, NodeView[]>();
  for (const node of view.nodes) childrenOf.set(node.parent, [...(childrenOf.get(node.parent) ?? []), node]);
  const bestId = bestOf(view)?.id ?? null;
  const lines = [`${view.runId}: ${task.metric} (${task.direction})`];
  // A stack instead of recursion: a chain of improvements may be thousands of nodes deep.
  const stack = branches(childrenOf.get(null) ?? [], '');
  for (let branch = stack.pop(); branch !== undefined; branch = stack.pop()) {
    lines.push(`${branch.prefix}${branch.isLast ? '└─' : '├─'} ${nodeLine(branch.node, bestId, view)}`);
    const prefix = `${branch.prefix}${branch.isLast ? '   ' : '│  '}`;
    stack.push(...branches(childrenOf.get(branch.node.id) ?? [], prefix));
  }
  if (view.nodes.length === 0) lines.push('no node has begun yet');
  return lines;
}

interface Branch {
  readonly node: NodeView;
  readonly prefix: string;
  readonly isLast: boolean;
}

/** Last child first, as the stack hands them out in reverse. */
function branches(children: readonly NodeView[], prefix: string): Branch[] {
  return children.map((node, index) => ({ node, prefix, isLast: index === children.length - 1 })).reverse();
}

function nodeLine(node: NodeView, bestId: number | null, view: RunView): string {
  const name = `${node.id} ${node.operator}`;
  if (node.status === 'in_flight') return `${name}  … ${node.stage}`;
  const { record } = node;
  const outcome =
    record.reason === null ? scoreInWords(record.metric, record.standardError) : `failed: ${record.reason}`;
  const selected = candidateOf(view, node.id)?.selectionScore ?? null;
  const selection = selected === null ? '' : `  (selection ${formatMetric(selected)})`;
  const best = node.id === bestId ? '  ★ best' : '';
  const marks = marksInWords(marksOf(view, record));
  return `${name}  ${outcome}${selection}${best}${marks === '' ? '' : `  ⚠ ${marks}`}  ${record.title}`.trimEnd();
}
