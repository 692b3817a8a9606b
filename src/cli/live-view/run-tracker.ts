import type { NodeRecord } from '../../domain/node-record';
import type { NodeView, RunView } from '../../report/run-view';
import { loadRunView, recordsOf } from '../../report/run-view';
import type { ArtifactStore } from '../../store/artifact-store';

/** A run as a look at its files finds it. */
export interface Look {
  readonly view: RunView;
  /** Nodes recorded since the last look, in the order of recording. */
  readonly fresh: readonly NodeRecord[];
}

/** Looks at a run's files again and again; records, which never change, are read once. */
export class RunTracker {
  private known: ReadonlyMap<number, NodeView> = new Map();

  constructor(
    private readonly store: ArtifactStore,
    private readonly runId: string,
  ) {}

  /** Null as long as there is no such run. */
  async look(): Promise<Look | null> {
    const view = await loadRunView(this.store, this.runId, this.known);
    if (view === null) return null;
    const before = this.known;
    this.known = new Map(view.nodes.filter(({ status }) => status !== 'in_flight').map((node) => [node.id, node]));
    const fresh = recordsOf(view).filter(({ id }) => !before.has(id));
    return { view, fresh: fresh.sort((one, other) => one.completion - other.completion) };
  }
}
