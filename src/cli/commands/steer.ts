import { modelRoutes } from '../../domain/resolved-model';
import { runFileSchema } from '../../domain/run-files';
import { counted } from '../../report/format';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import type { Progress } from '../../workflows/messages';
import { pauseUpdate, resumeUpdate, stopUpdate } from '../../workflows/messages';
import { failed } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { launchRun } from '../launch-run';
import { requireRun } from '../require-run';
import type { Session } from '../session';
import { findSession, openSession } from '../session';
import { updateRun } from '../update-run';
import { workflowStatus } from '../workflow-status';
import { noWorkerNote } from '../worker-presence';

export type SteerVerb = 'pause' | 'resume' | 'stop' | 'cancel';

export async function steerRun(
  context: CommandContext,
  verb: SteerVerb,
  runId: string,
  flags: { readonly address?: string },
): Promise<ExitCode> {
  if (verb === 'resume') return resume(context, runId, flags.address);
  const session = await findSession(context, flags.address);
  if (session === null) {
    await requireRun(context, runId);
    throw failed(`no server runs, so nothing of run "${runId}" does; to steer it, start \`coppice worker\` first`);
  }
  try {
    await requireRunning(context, session, runId);
    await send(context, session, verb, runId);
  } finally {
    await session.close();
  }
  return ExitCode.done;
}

async function send(
  context: CommandContext,
  session: Session,
  verb: 'pause' | 'stop' | 'cancel',
  runId: string,
): Promise<void> {
  switch (verb) {
    case 'pause': {
      const progress = await updateRun(session, runId, (handle) => handle.executeUpdate(pauseUpdate));
      context.print(
        `paused ${runId}: nothing new is dispatched, running scripts finish ` +
          `(in flight: ${inFlight(progress)}); \`coppice resume ${runId}\` goes on`,
      );
      return;
    }
    case 'stop':
      await updateRun(session, runId, (handle) => handle.executeUpdate(stopUpdate));
      context.print(`stopping ${runId}: running scripts end, then its report is written`);
      return;
    case 'cancel':
      await session.client.workflow.getHandle(runId).cancel();
      context.print(`cancelling ${runId}: running scripts end, then its report is written`);
  }
}

function inFlight(progress: Progress): string {
  return counted(progress.nodes.inFlight, 'node');
}

/** Goes on after a pause, and also with a run that the server has lost or seen end, from its files. */
async function resume(context: CommandContext, runId: string, address: string | undefined): Promise<ExitCode> {
  const stored = await readJson(context.store, runKeys(runId).run, runFileSchema);
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
    if (status === 'completed' || view.state?.state === 'finished' || view.state?.state === 'cancelled') {
      throw failed(`run "${runId}" is over; start another one with \`coppice run … --run-id NAME\``);
    }
    await launchRun(session, runId, view.run.request);
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
  throw failed(
    isOver
      ? `run "${runId}" is over; start another one with \`coppice run … --run-id NAME\``
      : `run "${runId}" is not running; \`coppice resume ${runId}\` goes on with it`,
  );
}
