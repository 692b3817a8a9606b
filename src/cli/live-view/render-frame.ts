import { counted, formatCount } from '../../domain/format';
import { doingBlock } from './doing-block';
import type { FrameModel, FrameSize } from './frame-model';
import { headerBlock, ROOMY_COLUMNS } from './header-block';
import { recentBlock } from './recent-block';
import type { Line } from './styled-line';
import { cutLine, lineWidth, paintLine } from './styled-line';
import { treeWithin } from './tree-block';

/** From here on the tree stands beside the rest. */
const TWO_COLUMNS = 150;

/** The tree's share of a wide terminal. */
const TREE_SHARE = 0.5;

const GAP = '   ';

/** Most recent nodes that are told of below the tree. */
const RECENT_ROWS = 6;

/**
 * One frame of the live view: at most `rows` lines, none wider than `columns`. What does not fit is counted, not cut off
 * at the end: the tree is folded, slots and latest nodes are fewer.
 */
export function renderFrame(model: FrameModel, { columns, rows, coloured }: FrameSize): string[] {
  const header = headerBlock(model, columns);
  const room = rows - header.length;
  const body = columns >= TWO_COLUMNS ? besideEachOther(model, columns, room) : oneBelowTheOther(model, columns, room);
  return [...header, ...body].slice(0, Math.max(1, rows)).map((line) => paintLine(cutLine(line, columns), coloured));
}

interface Block {
  readonly title: string;
  readonly lines: readonly Line[];
}

function oneBelowTheOther(model: FrameModel, columns: number, room: number): Line[] {
  const doing = doingPart(model, columns, Math.max(1, Math.floor(room / 3)));
  const recentRows = columns < ROOMY_COLUMNS ? 0 : Math.floor(room / 5);
  const recent = recentPart(model, Math.min(RECENT_ROWS, Math.max(0, recentRows)));
  const taken = withTitle(doing).length + withTitle(recent).length;
  return [...withTitle(doing), ...withTitle(treePart(model, columns, room - taken)), ...withTitle(recent)];
}

function besideEachOther(model: FrameModel, columns: number, room: number): Line[] {
  const left = Math.floor(columns * TREE_SHARE);
  const right = columns - left - GAP.length;
  const doing = withTitle(doingPart(model, right, Math.max(1, Math.floor(room / 2))));
  const space: Line[] = doing.length === 0 ? [] : [[]];
  const recent = withTitle(recentPart(model, room - doing.length - space.length - 1));
  const tree = withTitle(treePart(model, left, room));
  const others = [...doing, ...space, ...recent];
  return Array.from({ length: Math.max(tree.length, others.length) }, (_, index) => {
    const line = cutLine(tree[index] ?? [], left);
    const filler = ' '.repeat(left - lineWidth(line)) + GAP;
    return [...line, { text: filler }, ...cutLine(others[index] ?? [], right)];
  });
}

function doingPart(model: FrameModel, columns: number, rows: number): Block {
  return { title: 'now', lines: doingBlock(model, columns, rows) };
}

function recentPart(model: FrameModel, rows: number): Block {
  return { title: 'latest', lines: recentBlock(model, rows) };
}

function treePart({ view }: FrameModel, columns: number, rows: number): Block {
  const total = view.nodes.length;
  const lines = rows < 2 ? [] : treeWithin(view, rows - 1, columns);
  const isFolded = lines.length < total;
  const title = isFolded ? `tree   ${formatCount(total)} nodes, +n: folded` : `tree   ${counted(total, 'node')}`;
  return { title, lines };
}

/** Nothing for a block that has nothing to tell. */
function withTitle({ title, lines }: Block): Line[] {
  return lines.length === 0 ? [] : [[{ text: title, style: 'dim' }], ...lines];
}
