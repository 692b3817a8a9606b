import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { ScriptRun } from './execute-script';
import { runNode } from './run-node';
import type { RunState } from './run-state';

/** The nodes that are being worked on. */
export class Flights {
  /** An error that no step may throw: a defect of the workflow, which its next deployment has to mend. */
  defect: { readonly error: unknown } | null = null;
  private readonly running = new Map<number, Promise<void>>();
  private readonly scope = new CancellationScope();

  constructor(private readonly run: RunState) {}

  get count(): number {
    return this.running.size;
  }

  /** Nodes that are really worked on, and do not wait for money. */
  get busy(): number {
    return this.running.size - this.run.held.size;
  }

  /** Nothing but scripts is under way, which another run of the chain can take over. */
  get onlyScripts(): boolean {
    return [...this.running.keys()].every((id) => this.run.scripts.has(id));
  }

  start(id: number, startedBefore: ScriptRun['startedBefore']): void {
    const flight = this.scope
      .run(() => runNode(this.run, id, startedBefore))
      .catch((error: unknown) => {
        if (!isCancellation(error) && !this.run.ending) this.defect = { error };
      })
      .finally(() => this.running.delete(id));
    this.running.set(id, flight);
  }

  /** Ends what is under way and waits until nothing is left of it; what is being recorded is recorded. */
  async end(): Promise<void> {
    this.scope.cancel();
    await CancellationScope.nonCancellable(() => Promise.all(this.running.values()));
  }
}
