import { withDescendants } from '../domain/with-descendants';
import { isBetter } from '../domain/direction';
import type { NodeView, RunView } from './run-view';
import { bestOf, recordsOf } from './run-view';
import { scoreColours } from './score-colour';

/** Most nodes that the page draws: browsers stay quick with so many, and hang with many more. */
export const MOST_DRAWN = 3000;

/** Of a larger tree, this many of those recorded last are drawn in any case, so that one sees what goes on. */
const MOST_LAST = 1000;

/** What the page shows of a tree, settled once for drawing, chart, filters and details. */
export interface TreePicture {
  readonly view: RunView;
  /** In order of id; with every node all that it descends from. */
  readonly drawn: readonly NodeView[];
  /** Nodes that have files and are not drawn. */
  readonly leftOut: number;
  readonly bestId: number | null;
  /** The best node and all that it descends from. */
  readonly bestPath: ReadonlySet<number>;
  /** Pruned by a person, with all that descends from it. */
  readonly pruned: ReadonlySet<number>;
  readonly colourOf: (metric: number) => string;
}

export function treePicture(view: RunView, most: number = MOST_DRAWN): TreePicture {
  const pruned = withDescendants(view.state?.pruned ?? [], view.nodes);
  const bestId = bestOf(view)?.id ?? null;
  const parents = new Map(view.nodes.map(({ id, parent }) => [id, parent]));
  const bestPath = new Set(bestId === null ? [] : pathTo(bestId, parents));
  const drawn = view.nodes.length <= most ? view.nodes : chooseDrawn(view, parents, most);
  const metrics = recordsOf(view).flatMap(({ status, metric }) =>
    status === 'working' && metric !== null ? [metric] : [],
  );
  return {
    view,
    drawn,
    leftOut: view.nodes.length - drawn.length,
    bestId,
    bestPath,
    pruned,
    colourOf: scoreColours(metrics, view.run.task.direction),
  };
}

/** The node itself first, then what it descends from; an id without a node ends it. */
function pathTo(id: number, parents: ReadonlyMap<number, number | null>): number[] {
  const path: number[] = [];
  for (let at: number | null | undefined = id; at != null && parents.has(at); at = parents.get(at)) path.push(at);
  return path;
}

/** The best, what is in flight, what was recorded last, and then whatever scored best, each with all it descends from. */
function chooseDrawn(view: RunView, parents: ReadonlyMap<number, number | null>, most: number): NodeView[] {
  const { direction } = view.run.task;
  const records = recordsOf(view);
  const byScore = records
    .filter(({ metric }) => metric !== null)
    .sort((left, right) => (isBetter(left.metric ?? 0, right.metric ?? 0, direction) ? -1 : 1));
  const last = [...records]
    .sort((left, right) => right.completion - left.completion)
    .slice(0, Math.min(MOST_LAST, most / 2));
  const best = bestOf(view);
  const inFlight = view.nodes.filter(({ status }) => status === 'in_flight');
  const chosen = new Set<number>();
  for (const { id } of [...(best === null ? [] : [best]), ...inFlight, ...last, ...byScore, ...view.nodes]) {
    const path = pathTo(id, parents).filter((above) => !chosen.has(above));
    if (chosen.size + path.length > most) continue;
    for (const above of path) chosen.add(above);
    if (chosen.size === most) break;
  }
  return view.nodes.filter(({ id }) => chosen.has(id));
}
