import type { Direction } from '../../domain/direction';
import type { TreeItem } from './fold-tree';

/** What makes a node worth a line of a small screen. */
export interface RankedNode extends TreeItem {
  readonly isInFlight: boolean;
  /** Its place in the order of recording; null before it is recorded. */
  readonly completion: number | null;
  /** The score of a working node; null for others. */
  readonly metric: number | null;
}

/** So many of the latest nodes stand before any further score. */
const LATEST = 4;

/** So many steps that led to the best node are shown before other good ones. */
const STEPS_TO_BEST = 4;

/**
 * Chooses which nodes a tree of at most `room` lines shows: the best one, those in flight, their parents, the latest
 * ones, where the best comes from, then the others by score, the failed ones last.
 */
export function chooseShown(
  nodes: readonly RankedNode[],
  best: number | null,
  direction: Direction,
  room: number,
): ReadonlySet<number> {
  if (nodes.length <= room) return new Set(nodes.map(({ id }) => id));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inFlight = nodes.filter((node) => node.isInFlight);
  const recorded = nodes.filter((node) => node.completion !== null);
  const latest = [...recorded].sort((one, other) => (other.completion ?? 0) - (one.completion ?? 0));
  const sign = direction === 'maximize' ? 1 : -1;
  const byScore = recorded
    .filter((node) => node.metric !== null)
    .sort((one, other) => sign * ((other.metric ?? 0) - (one.metric ?? 0)));
  const wanted = [
    ...(best === null ? [] : [best]),
    ...inFlight.map(({ id }) => id),
    ...inFlight.flatMap(({ parent }) => parent ?? []),
    ...latest.slice(0, LATEST).map(({ id }) => id),
    ...originOf(best, byId),
    ...byScore.map(({ id }) => id),
    ...latest.map(({ id }) => id),
  ];
  // One line tells of what has no ancestor among the shown.
  const shown = new Set<number>();
  for (const id of wanted) {
    if (shown.size >= Math.max(1, room - 1)) break;
    if (byId.has(id)) shown.add(id);
  }
  return shown;
}

/** The draft that a node goes back to, and the last steps from there to it. */
function originOf(node: number | null, byId: ReadonlyMap<number, TreeItem>): number[] {
  const path: number[] = [];
  for (let id = parentOf(node, byId); id !== null; id = parentOf(id, byId)) path.push(id);
  return [...path.slice(-1), ...path.slice(0, STEPS_TO_BEST)];
}

function parentOf(id: number | null, byId: ReadonlyMap<number, TreeItem>): number | null {
  return id === null ? null : (byId.get(id)?.parent ?? null);
}
