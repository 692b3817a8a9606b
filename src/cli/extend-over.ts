import type { Extension } from '../domain/extension';
import { modelRoutes } from '../domain/resolved-model';
import type { StateFile, StopReason } from '../domain/run-files';
import type { RunView } from '../report/run-view';
import { countedRecords } from '../report/counted-records';
import { bestRecord, recordsOf } from '../report/run-view';
import { writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { failed } from './command-failure';
import type { CommandContext } from './command-context';
import { whyEndsAgain } from './extension-sense';
import { launchRun } from './launch-run';
import { runLabels } from './run-labels';
import type { Session } from './session';
import { noWorkerNote } from './worker-presence';

/**
 * Lets a run go on that no workflow runs any more: writes the extension into its `state.json`, which a run that is
 * rebuilt from its files begins with, and starts its workflow anew. The extension holds even when no worker runs yet.
 *
 * @throws CommandFailure when the run would end at once again
 */
export async function extendOver(
  context: CommandContext,
  session: Session,
  view: RunView,
  extension: Extension,
): Promise<void> {
  const { runId, state, run } = view;
  if (state === null)
    throw failed(`nothing of run "${runId}" is recorded yet; \`coppice resume ${runId}\` goes on with it`);
  const isOver = state.state === 'finished' || state.state === 'cancelled';
  const reasons = isOver ? whyEndsAgain({ request: run.request, state }, extension, Date.now()) : [];
  if (reasons.length > 0) throw failed(`run "${runId}" would end at once again: ${reasons.join('; ')}`);
  const extended = isOver ? goingOn(view, extendedBy(state, extension)) : extendedBy(state, extension);
  const key = runKeys(runId).state;
  await writeJson(context.store, key, extended);
  try {
    await launchRun(session, runId, run.request, runLabels(run));
  } catch (error) {
    await writeJson(context.store, key, state);
    throw error;
  }
  const { working, failed: unsuccessful } = extended.nodes;
  context.print(
    `extended ${runId}: it goes on from its files, ${working + unsuccessful} of ${extended.stepsTotal} steps are done; ` +
      `\`coppice watch ${runId}\` shows it`,
  );
  const past = isOver ? WHAT_IS_PAST[state.stopReason ?? 'steps'] : undefined;
  if (past !== undefined) context.print(past);
  const note = await noWorkerNote(session, modelRoutes(run.models), view.evaluation?.kind !== 'reported');
  if (note !== null) context.note(note);
}

/** What ended the run does so no more. */
const WHAT_IS_PAST: Partial<Record<StopReason, string>> = {
  target: 'its target is reached already, and no reason to end any more',
  patience: 'its patience counts from here',
};

function extendedBy(state: StateFile, extension: Extension): StateFile {
  const { steps = 0, time = 0, tokens = 0, cost = 0, disk = 0 } = extension;
  return {
    ...state,
    stepsTotal: state.stepsTotal + steps,
    extendedSteps: state.extendedSteps + steps,
    extendedSeconds: state.extendedSeconds + time,
    extendedTokens: state.extendedTokens + tokens,
    extendedCostUsd: state.extendedCostUsd + cost,
    extendedDiskBytes: state.extendedDiskBytes + disk,
    updatedAt: new Date().toISOString(),
  };
}

/** Its selection is set aside: what it compared is not all there will be. */
function goingOn(view: RunView, state: StateFile): StateFile {
  const records = recordsOf(view);
  const best = bestRecord(countedRecords(view), view.run.task.direction);
  return {
    ...state,
    state: 'running',
    pause: null,
    stopReason: null,
    selection: null,
    best: best?.metric == null ? null : { id: best.id, metric: best.metric },
    wentOnAfter: Math.max(0, ...records.map(({ completion }) => completion)),
  };
}
