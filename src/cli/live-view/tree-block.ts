import { prunedIds } from '../../report/counted-records';
import { formatCount } from '../../domain/format';
import type { NodeView, RunView } from '../../report/run-view';
import { bestOf } from '../../report/run-view';
import { chooseShown } from './choose-shown';
import { foldTree } from './fold-tree';
import type { TreeFacts } from './node-line';
import { treeLine } from './node-line';
import type { Line } from './styled-line';

/** Branches may take this share of a line; of deeper ones the end is shown. */
const BRANCH_SHARE = 1 / 3;

/** The tree in at most `rows` lines: what matters most, the rest counted where it is folded into. */
export function treeWithin(view: RunView, rows: number, columns: number): readonly Line[] {
  const facts = treeFacts(view);
  const ranked = view.nodes.map((node) => ({
    id: node.id,
    parent: node.parent,
    isInFlight: node.status === 'in_flight' && node.stage !== 'ended',
    completion: node.status === 'in_flight' ? null : node.record.completion,
    metric: node.status === 'in_flight' || facts.pruned.has(node.id) ? null : node.record.metric,
  }));
  return treeLines(facts, chooseShown(ranked, facts.best, view.run.task.direction, rows), columns);
}

/** The whole tree. */
export function wholeTree(view: RunView, columns: number): readonly Line[] {
  return treeLines(treeFacts(view), new Set(view.nodes.map(({ id }) => id)), columns);
}

/** The tree down to the given generation, drafts being the first. */
export function treeToDepth(view: RunView, depth: number, columns: number): readonly Line[] {
  const generations = new Map<number, number>();
  for (const { id, parent } of view.nodes) {
    generations.set(id, (parent === null ? 0 : (generations.get(parent) ?? 0)) + 1);
  }
  const shown = [...generations].filter(([, generation]) => generation <= depth).map(([id]) => id);
  return treeLines(treeFacts(view), new Set(shown), columns);
}

function treeFacts(view: RunView): TreeFacts {
  return { view, best: bestOf(view)?.id ?? null, pruned: prunedIds(view) };
}

function treeLines(facts: TreeFacts, shown: ReadonlySet<number>, columns: number): readonly Line[] {
  const nodes = new Map<number, NodeView>(facts.view.nodes.map((node) => [node.id, node]));
  const { rows, loose } = foldTree(facts.view.nodes, shown);
  const lines = rows.flatMap((row) => {
    const node = nodes.get(row.id);
    if (node === undefined) return [];
    const branch = shortBranch(row.branch, Math.floor(columns * BRANCH_SHARE));
    return [treeLine(node, { ...row, branch }, facts)];
  });
  return loose.length === 0 ? lines : [...lines, looseLine(loose, nodes)];
}

/** The end of a branch that is too wide: it shows where a node hangs; how deep, nobody can see any more. */
function shortBranch(branch: string, columns: number): string {
  const most = Math.max(columns, 6);
  return branch.length <= most ? branch : `…${branch.slice(1 - most)}`;
}

function looseLine(loose: readonly number[], nodes: ReadonlyMap<number, NodeView>): Line {
  const statuses = loose.map((id) => nodes.get(id)?.status);
  const working = statuses.filter((status) => status === 'working').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  const others = statuses.length - working - failed;
  return [
    {
      text: `└┄ ${formatCount(loose.length)} more ${loose.length === 1 ? 'node' : 'nodes'} folded: ${formatCount(working)} working, ${formatCount(failed)} failed${others === 0 ? '' : `, ${formatCount(others)} in flight`}`,
      style: 'dim',
    },
  ];
}
