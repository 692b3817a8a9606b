import { log } from '@temporalio/workflow';
import type { Pause } from '../domain/run-files';
import type { Purpose } from '../domain/purpose';
import type { RunState } from './run-state';
import { lookForModels, mayGoOn, runStep } from './run-step';
import { ModelsFailed, NO_MODEL_WORKER, modelTrouble } from './step-failure';

/** How long a model that failed is left alone while another one answers in its place. */
const DOWN_MS = 3 * 60_000;

/** Longer where no worker polls, since it takes minutes to find that out, and for one that is just being tried. */
const UNPOLLED_MS = 10 * 60_000;

/** Sends a step to the model of that index at that endpoint. */
export type ModelDispatch<Result> = (endpoint: string, model: number) => Promise<Result>;

/**
 * Dispatches a step of a role to its models until one of them has done it (see `runStep`). The run pauses only when all
 * of them failed.
 *
 * @throws as `runStep` does
 */
export function runModelStep<Result>(run: RunState, role: Purpose, dispatch: ModelDispatch<Result>): Promise<Result> {
  return runStep(run, () => askInOrder(run, role, dispatch));
}

/**
 * Dispatches a step once to each model of the role until one of them has done it, first to those that are not known to
 * be down. One that was down is tried by a single step, while the others keep away from it.
 *
 * @throws ModelsFailed when none did it; whatever else the step throws
 */
export async function askInOrder<Result>(
  run: RunState,
  role: Purpose,
  dispatch: ModelDispatch<Result>,
): Promise<Result> {
  const failures: ModelFailure[] = [];
  const tried = new Set<number>();
  for (;;) {
    const model = run.models.choose(role, tried, Date.now());
    if (model === null) throw allFailed(failures);
    if (failures.length > 0) await mayGoOn(run);
    if (run.models.isOnTrial(role, model)) run.models.markDown(role, model, Date.now() + UNPOLLED_MS);
    try {
      const result = await dispatch(run.models.endpoint(role, model), model);
      run.models.markUp(role, model);
      return result;
    } catch (error) {
      const pause = modelTrouble(error);
      if (pause === null) throw error;
      log.warn('a model failed', { role, model, reason: pause.reason, message: pause.message });
      const isNew = !failures.some((failure) => failure.model === model);
      failures.push({ model, pause, error });
      if (pause === NO_MODEL_WORKER && isNew && (await isWorthAnotherTry(run, role, model))) continue;
      setAside(run, role, model, pause);
      tried.add(model);
      if (pause === NO_MODEL_WORKER) for (const other of run.models.neighbours(role, model)) tried.add(other);
    }
  }
}

interface ModelFailure {
  readonly model: number;
  readonly pause: Pause;
  readonly error: unknown;
}

/** A person may have corrected the address meanwhile; and a machine that was off looks as if nobody polled. */
async function isWorthAnotherTry(run: RunState, role: Purpose, model: number): Promise<boolean> {
  const before = run.models.endpoint(role, model);
  await lookForModels(run);
  return run.models.endpoint(role, model) !== before || run.models.routes[role].length === 1;
}

function setAside(run: RunState, role: Purpose, model: number, pause: Pause): void {
  const forMs = pause === NO_MODEL_WORKER ? UNPOLLED_MS : DOWN_MS;
  run.models.markDown(role, model, Date.now() + forMs);
}

/** The word of the preferred model counts; that its fallbacks were no help is added. */
function allFailed(failures: readonly ModelFailure[]): ModelsFailed {
  const [preferred, ...others] = [...failures].sort((left, right) => left.model - right.model);
  if (preferred === undefined) throw new RangeError('a role without models');
  const reasons = new Set(others.filter(({ model }) => model !== preferred.model).map(({ pause }) => pause.reason));
  const { reason, message } = preferred.pause;
  const addition = reasons.size === 0 ? '' : `; its fallbacks failed, too (${[...reasons].join(', ')})`;
  return new ModelsFailed({ reason, message: `${message}${addition}` }, preferred.error);
}
