import { CancellationScope, log } from '@temporalio/workflow';
import type { MoneyLeft } from '../domain/steps';
import type { DueDigest } from '../policy/digest-plan';
import { askInOrder } from './run-model-step';
import type { RunState } from './run-state';
import { writeSteps } from './step-activities';

/**
 * The digest that is being written beside the search, one at a time. The search neither waits for it nor pauses over
 * it: what cannot be written now is tried again some nodes later.
 */
export class DigestFlight {
  private flying: Promise<void> | null = null;
  private readonly scope = new CancellationScope();

  constructor(private readonly run: RunState) {}

  get isUnderWay(): boolean {
    return this.flying !== null;
  }

  /** The digest to begin with now; null when none is due, or nobody would read it any more. */
  due(inFlight: number): DueDigest | null {
    const { run } = this;
    const isOfUse = run.stepsDone + inFlight < run.stepsTotal;
    if (this.isUnderWay || !isOfUse || run.pauses.current !== null || run.spending.reachedCap !== null) return null;
    // What is being recorded is counted already, but not yet in the files that the digest is made from.
    if (run.publishing) return null;
    return run.digests.due(run.completions);
  }

  start(due: DueDigest): void {
    const { spending } = this.run;
    const moneyLeft = spending.left;
    spending.reserveCall();
    this.flying = this.scope
      .run(() => this.write(due, moneyLeft))
      .catch((error: unknown) => {
        if (this.scope.consideredCancelled) return;
        log.warn('the digest could not be written; it is tried again some nodes later', { upTo: due.upTo, error });
        this.run.digests.failed();
      })
      .finally(() => {
        spending.releaseCall();
        this.flying = null;
      });
  }

  /** Ends what is under way and waits until nothing is left of it. */
  async end(): Promise<void> {
    this.scope.cancel();
    await CancellationScope.nonCancellable(async () => this.flying);
  }

  private async write(due: DueDigest, moneyLeft: MoneyLeft): Promise<void> {
    const { run } = this;
    const { status, usage } = await askInOrder(run, 'digest', (endpoint, model) =>
      writeSteps(endpoint).digest({ runId: run.runId, ...due, model, moneyLeft }),
    );
    run.spending.add(usage);
    if (status === 'written') run.digests.written(due);
    else run.digests.unusable();
  }
}
