import type { NodeRecord } from '../../domain/node-record';
import { notesFileSchema } from '../../domain/steering';
import type { NodeView, RunView } from '../../report/run-view';
import { loadRunView, recordsOf } from '../../report/run-view';
import type { ArtifactStore } from '../../store/artifact-store';
import { readJson } from '../../store/json-file';
import { mapBounded } from '../../store/map-bounded';
import { runKeys } from '../../store/run-keys';

/** A run as a look at its files finds it. */
export interface Look {
  readonly view: RunView;
  /** Nodes recorded since the last look, in the order of recording. */
  readonly fresh: readonly NodeRecord[];
}

type RecordedNode = Exclude<NodeView, { readonly status: 'in_flight' }>;

/** Nodes whose notes are read again at a look: all of a small run, thousands by turns. */
const NOTES_PER_LOOK = 200;

/** Files read at once. */
const READS_AT_ONCE = 32;

/** Looks at a run's files again and again; records, which never change, are read once. People may add notes at any time. */
export class RunTracker {
  private known: ReadonlyMap<number, RecordedNode> = new Map();
  /** Whose turn it is to have the notes read, as a place among the known nodes. */
  private turn = 0;

  constructor(
    private readonly store: ArtifactStore,
    private readonly runId: string,
  ) {}

  /** Null as long as there is no such run. */
  async look(): Promise<Look | null> {
    const before = this.known;
    const view = await loadRunView(this.store, this.runId, await this.withNewNotes());
    if (view === null) return null;
    const recorded = view.nodes.flatMap((node) => (node.status === 'in_flight' ? [] : [[node.id, node] as const]));
    this.known = new Map(recorded);
    const fresh = recordsOf(view).filter(({ id }) => !before.has(id));
    return { view, fresh: fresh.sort((one, other) => one.completion - other.completion) };
  }

  private async withNewNotes(): Promise<ReadonlyMap<number, RecordedNode>> {
    const nodes = [...this.known.values()];
    if (this.turn >= nodes.length) this.turn = 0;
    const inTurn = nodes.slice(this.turn, this.turn + NOTES_PER_LOOK);
    this.turn += NOTES_PER_LOOK;
    const keys = runKeys(this.runId);
    const looked = await mapBounded(inTurn, READS_AT_ONCE, async (node): Promise<RecordedNode> => {
      return { ...node, notes: await readJson(this.store, keys.node(node.id).notes, notesFileSchema) };
    });
    return new Map([...this.known, ...looked.map((node) => [node.id, node] as const)]);
  }
}
