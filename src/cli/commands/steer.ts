import { modelRoutes } from '../../domain/resolved-model';
import { counted } from '../../domain/format';
import { readRun } from '../../store/read-run';
import type { Progress } from '../../workflows/messages';
import { pauseUpdate, resumeUpdate, stopUpdate } from '../../workflows/messages';
import { failed } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { launchRun } from '../launch-run';
import { requireRun } from '../require-run';
import { runLabels } from '../run-labels';
import type { Session } from '../session';
import { findSession, openSession } from '../session';
import { updateRun } from '../update-run';
import { workflowStatus } from '../workflow-status';
import { noWorkerNote } from '../worker-presence';

/** What is asked of a run that is under way. */
export type Steering =
  | { readonly verb: 'resume' }
  | { readonly verb: 'cancel' }
  | { readonly verb: 'pause'; /** Ends running scripts, too. */ readonly now: boolean }
  | { readonly verb: 'stop'; /** Waits for what is under way. */ readonly drain: boolean };

export async function steerRun(
  context: CommandContext,
  steering: Steering,
  runId: string,
  flags: { readonly address?: string },
): Promise<ExitCode> {
  if (steering.verb === 'resume') return resume(context, runId, flags.address);
  const session = await findSession(context, flags.address);
  if (session === null) {
    await requireRun(context, runId);
    throw failed(`no server runs, so nothing of run "${runId}" does; to steer it, start \`coppice worker\` first`);
  }
  try {
    await requireRunning(context, session, runId);
    context.print(await send(session, steering, runId));
  } finally {
    await session.close();
  }
  return ExitCode.done;
}

/** What became of it, for the person who asked. */
async function send(
  session: Session,
  steering: Exclude<Steering, { readonly verb: 'resume' }>,
  runId: string,
): Promise<string> {
  switch (steering.verb) {
    case 'pause': {
      const { now } = steering;
      const progress = await updateRun(session, runId, (handle) =>
        handle.executeUpdate(pauseUpdate, { args: [now ? { now } : {}] }),
      );
      const scripts = now ? 'running scripts end and run again after the pause' : 'running scripts finish';
      return (
        `paused ${runId}: nothing new is dispatched, ${scripts} ` +
        `(in flight: ${inFlight(progress)}); \`coppice resume ${runId}\` goes on`
      );
    }
    case 'stop': {
      const { drain } = steering;
      const progress = await updateRun(session, runId, (handle) =>
        handle.executeUpdate(stopUpdate, { args: [drain ? { drain } : {}] }),
      );
      return drain ? draining(runId, progress) : `stopping ${runId}: running scripts end, then its report is written`;
    }
    case 'cancel':
      await session.client.workflow.getHandle(runId).cancel();
      return `cancelling ${runId}: running scripts end, then its report is written`;
  }
}

function draining(runId: string, progress: Progress): string {
  const { pause } = progress;
  const held = pause === null ? '' : `; it is paused (${pause.reason}), and waits until that is mended or resumed`;
  return (
    `stopping ${runId}: what is under way is finished first (in flight: ${inFlight(progress)}), ` +
    `then its report is written${held}; \`coppice stop ${runId}\` ends it at once`
  );
}

function inFlight(progress: Progress): string {
  return counted(progress.nodes.inFlight, 'node');
}

/** Goes on after a pause, and also with a run that the server has lost or seen end, from its files. */
async function resume(context: CommandContext, runId: string, address: string | undefined): Promise<ExitCode> {
  const stored = await readRun(context.store, runId);
  const session = stored === null ? await findSession(context, address) : await openSession(context, address);
  if (session === null) {
    await requireRun(context, runId);
    return ExitCode.failed;
  }
  try {
    const status = await workflowStatus(session.client, runId);
    if (status === 'running') {
      await updateRun(session, runId, (handle) => handle.executeUpdate(resumeUpdate));
      context.print(`resumed ${runId}`);
      return ExitCode.done;
    }
    const view = await requireRun(context, runId);
    // Without `state.json` nobody knows any more that it was over: what its files have goes on, and it is written anew.
    const { state } = view;
    if (state !== null && (status === 'completed' || state.state === 'finished' || state.state === 'cancelled')) {
      throw failed(whenOver(runId));
    }
    await launchRun(session, runId, view.run.request, runLabels(view.run));
    context.print(`run ${runId} goes on from its files`);
    const note = await noWorkerNote(session, modelRoutes(view.run.models), view.evaluation?.kind !== 'reported');
    if (note !== null) context.note(note);
    return ExitCode.done;
  } finally {
    await session.close();
  }
}

/** @throws CommandFailure when the run is unknown or over */
export async function requireRunning(context: CommandContext, session: Session, runId: string): Promise<void> {
  const status = await workflowStatus(session.client, runId);
  if (status === 'running') return;
  const view = await requireRun(context, runId);
  const isOver = view.state?.state === 'finished' || view.state?.state === 'cancelled';
  throw failed(isOver ? whenOver(runId) : `run "${runId}" is not running; \`coppice resume ${runId}\` goes on with it`);
}

function whenOver(runId: string): string {
  return `run "${runId}" is over; \`coppice extend ${runId} --steps +N\` lets it go on`;
}
