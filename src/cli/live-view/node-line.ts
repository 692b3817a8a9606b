import { scoreInWords } from '../../report/evaluation-words';
import { formatCount, formatMetric } from '../../domain/format';
import { marksInWords } from '../../report/mark-words';
import type { NodeStage, NodeView, RunView } from '../../report/run-view';
import { candidateOf, marksOf } from '../../report/run-view';
import { notedInWords } from '../../report/tree-words';
import type { FoldedRow } from './fold-tree';
import type { Line, Piece, Style } from './styled-line';

/** What a line of the tree is about. */
export interface TreeFacts {
  readonly view: RunView;
  readonly best: number | null;
  /** Nodes that count no more. */
  readonly pruned: ReadonlySet<number>;
}

/** A node's line in a tree: what it is, what came of it, and how many nodes are folded into it. */
export function treeLine(node: NodeView, row: FoldedRow, facts: TreeFacts): Line {
  const isPruned = facts.pruned.has(node.id);
  const origin = row.isDirect || node.parent === null ? node.operator : `${node.operator} of ${node.parent}`;
  return [
    { text: row.branch, style: 'dim' },
    { text: `${node.id} `, style: isPruned ? 'dim' : 'strong' },
    { text: origin, style: isPruned ? 'dim' : 'plain' },
    ...outcomePieces(node, facts, isPruned),
    ...(row.folded === 0 ? [] : [{ text: `  +${formatCount(row.folded)}`, style: 'dim' } as const]),
    ...titlePieces(node),
  ];
}

function outcomePieces(node: NodeView, { view, best }: TreeFacts, isPruned: boolean): Piece[] {
  if (node.status === 'in_flight') return [stagePiece(node.stage)];
  const { record } = node;
  const selected = candidateOf(view, node.id)?.selectionScore ?? null;
  const marks = marksInWords(marksOf(view, record));
  const noted = node.notes === null ? '' : notedInWords(node.notes);
  const style: Style = isPruned ? 'dim' : record.reason !== null ? 'bad' : node.id === best ? 'good' : 'plain';
  const outcome =
    record.reason === null ? scoreInWords(record.metric, record.standardError) : `failed: ${record.reason}`;
  return [
    { text: `  ${outcome}`, style },
    ...(selected === null ? [] : [{ text: `  (selection ${formatMetric(selected)})`, style }]),
    ...(node.id === best ? [{ text: '  ★ best', style: 'good' } as const] : []),
    ...(isPruned ? [{ text: '  pruned', style: 'dim' } as const] : []),
    ...(noted === '' ? [] : [{ text: `  (${noted})`, style } as const]),
    ...(marks === '' ? [] : [{ text: `  ⚠ ${marks}`, style: 'busy' } as const]),
  ];
}

function stagePiece(stage: NodeStage): Piece {
  return stage === 'ended' ? { text: '  not recorded', style: 'dim' } : { text: `  … ${stage}`, style: 'busy' };
}

function titlePieces(node: NodeView): Piece[] {
  return node.status === 'in_flight' ? [] : [{ text: `  ${node.record.title}`, style: 'dim' }];
}
