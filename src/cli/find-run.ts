import type { ChosenRun } from './choose-run';
import { chooseRun } from './choose-run';
import type { CommandContext } from './command-context';
import { wrongInput } from './command-failure';
import { differingFields } from '../domain/same-request';
import { launchNewRun, launchRun, startedSpec } from './launch-run';
import type { LiveRuns } from './live-run';
import { askLiveRuns } from './live-run';
import type { RunRequest } from './request';
import { runLabels } from './run-labels';
import type { Session } from './session';
import { statusesOn } from './workflow-status';

/**
 * Finds the run that a request is about. Without a session nothing is started for it, so that wrong input and finished
 * runs are noticed first.
 *
 * @throws CommandFailure (exit 2) when the named run was asked for differently, or a new one would be over at once
 */
export async function findRun(
  context: CommandContext,
  request: RunRequest,
  session: Session | null,
): Promise<ChosenRun> {
  const live: LiveRuns =
    session === null
      ? await askLiveRuns(context, request.runId ?? undefined)
      : { server: 'answers', statuses: await statusesOn(session.client, request.runId ?? undefined) };
  const chosen = await chooseRun(context, request, live, async (runId) =>
    session === null ? null : startedSpec(session, runId),
  );
  if (chosen.kind === 'new') refusePassedDeadline(request, Date.now());
  return chosen;
}

/** Only for new runs: one that has begun may have its best scripts still to choose from. */
function refusePassedDeadline({ spec }: RunRequest, now: number): void {
  const { deadline } = spec.limits;
  if (deadline === undefined || Date.parse(deadline) > now) return;
  throw wrongInput(`--deadline ${deadline}: that moment has passed`);
}

export type LaunchedRun =
  | { readonly kind: 'launched'; readonly runId: string; readonly isNew: boolean }
  | { readonly kind: 'over'; readonly runId: string };

/** Has the run that a request is about going on the server, whichever it is. */
export async function launchChosen(
  context: CommandContext,
  session: Session,
  request: RunRequest,
): Promise<LaunchedRun> {
  const chosen = await findRun(context, request, session);
  if (chosen.kind === 'over') return chosen;
  const labels = runLabels({ ...request, request: request.spec });
  if (chosen.kind === 'unfinished') {
    await launchRun(session, chosen.runId, request.input, labels);
    return { kind: 'launched', runId: chosen.runId, isNew: false };
  }
  if (chosen.named !== null) {
    await launchRun(session, chosen.named, request.input, labels);
    await refuseOtherLaunch(session, chosen.named, request);
    return { kind: 'launched', runId: chosen.named, isNew: true };
  }
  for (let number = chosen.first; ; number += 1) {
    const runId = `${request.task.name}-${number}`;
    if (await launchNewRun(session, runId, request.input, labels)) return { kind: 'launched', runId, isNew: true };
  }
}

/** Somebody else may have taken the name between the look and the launch. */
async function refuseOtherLaunch(session: Session, runId: string, request: RunRequest): Promise<void> {
  const spec = await startedSpec(session, runId);
  const fields = spec === null ? [] : differingFields(spec, request.spec);
  if (fields.length > 0)
    throw wrongInput(`run id "${runId}" is in use for another request (${fields.join(', ')} differ)`);
}
