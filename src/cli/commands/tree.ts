import { prunedIds } from '../../report/counted-records';
import type { RunView } from '../../report/run-view';
import { shellWord } from '../../report/shell-word';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { TreeJson } from '../json-output';
import { treeJsonSchema } from '../json-output';
import type { Line } from '../live-view/styled-line';
import { cutLine, paintLine } from '../live-view/styled-line';
import { treeToDepth, treeWithin, wholeTree } from '../live-view/tree-block';
import { nodeJson } from '../node-json';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';
import { terminalSize } from '../terminal';

export interface TreeOptions {
  readonly json: boolean;
  /** Shows every node, whatever the terminal's height. */
  readonly all: boolean;
  /** Generations shown, drafts being the first; null: as many as there are. */
  readonly depth: number | null;
}

/** Lines of a terminal that are left for the run's name, the hint and the next prompt. */
const OTHER_ROWS = 3;

/** Lower terminals scroll. */
const LEAST_ROWS = 20;

export async function showTree(context: CommandContext, runId: string, options: TreeOptions): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  if (options.json) printJson(context, treeJsonSchema, treeJson(view));
  else for (const line of treeLines(context, view, options)) context.print(line);
  return ExitCode.done;
}

function treeJson(view: RunView): TreeJson {
  const pruned = prunedIds(view);
  const nodes = view.nodes.map((node) => nodeJson(node, view, pruned));
  return {
    runId: view.runId,
    direction: view.run.task.direction,
    nodes: nodes.filter((node) => 'status' in node),
    inFlight: nodes.filter((node) => 'stage' in node).filter(({ stage }) => stage !== 'ended'),
  };
}

function treeLines(context: CommandContext, view: RunView, options: TreeOptions): string[] {
  const { terminal } = context;
  const { runId, nodes } = view;
  const { task } = view.run;
  const { columns, coloured } = pageOf(context);
  const lines = shownLines(context, view, options);
  const isFolded = lines.length < nodes.length;
  return [
    `${runId}: ${task.metric} (${task.direction})`,
    ...lines.map((line) => paintLine(terminal === null ? line : cutLine(line, columns), coloured)),
    ...(isFolded ? [`+n: so many nodes folded; \`coppice tree ${shellWord(runId)} --all\` shows them`] : []),
    ...(nodes.length === 0 ? ['no node has begun yet'] : []),
  ];
}

/** On a terminal a tree that is higher than it is folded; a pipe takes everything. */
function shownLines(context: CommandContext, view: RunView, { all, depth }: TreeOptions): readonly Line[] {
  const { columns, rows } = pageOf(context);
  if (depth !== null) return treeToDepth(view, depth, columns);
  if (all || context.terminal === null) return wholeTree(view, columns);
  return treeWithin(view, Math.max(LEAST_ROWS, rows - OTHER_ROWS), columns);
}

interface Page {
  readonly columns: number;
  readonly rows: number;
  readonly coloured: boolean;
}

/** What a pipe or file takes has no end. */
function pageOf({ terminal }: CommandContext): Page {
  if (terminal === null) return { columns: Number.MAX_SAFE_INTEGER, rows: Number.MAX_SAFE_INTEGER, coloured: false };
  return { ...terminalSize(terminal), coloured: terminal.coloured };
}
