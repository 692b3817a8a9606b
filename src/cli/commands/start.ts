import { modelRoutes } from '../../domain/resolved-model';
import { temporalStartLine } from '../../report/reproduce-command';
import { loadRunView } from '../../report/run-view';
import { besideJson, type CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { findRun, launchChosen } from '../find-run';
import { startJsonSchema } from '../json-output';
import { modelLines } from '../model-lines';
import { printOver } from '../over';
import { printJson } from '../print-json';
import { dryRun } from './dry-run';
import { readRequest } from '../request';
import type { RequestFlags } from '../request-flags';
import { openSession } from '../session';
import { noWorkerNote } from '../worker-presence';

export interface StartFlags extends RequestFlags {
  readonly dryRun?: true;
  readonly json?: true;
}

export async function startRun(
  context: CommandContext,
  task: string | undefined,
  flags: StartFlags,
): Promise<ExitCode> {
  const request = await readRequest(context, task, flags);
  if (flags.dryRun) return dryRun(context, request, { json: flags.json ?? false });
  const early = await findRun(context, request, null);
  if (early.kind === 'over') return tellOver(context, early.runId, flags);

  const session = await openSession(context, flags.address);
  try {
    if (!flags.json) for (const line of modelLines(request.models, request.spec.limits)) context.print(line);
    const launched = await launchChosen(context, session, request);
    if (launched.kind === 'over') return await tellOver(context, launched.runId, flags);
    const { runId } = launched;
    const another = session.resolved.address === 'localhost:7233' ? undefined : session.resolved.address;
    const view = await loadRunView(context.store, runId);
    const line = temporalStartLine(runId, view?.run.request ?? request.input, another);
    if (flags.json) {
      printJson(context, startJsonSchema, { runId, isNew: launched.isNew, address: session.resolved.address });
    } else {
      context.print(`run        ${runId}${launched.isNew ? '' : ' (goes on)'}`);
      context.print(`server     ${session.resolved.address}`);
      if (session.resolved.server !== null) context.print(`web UI     ${session.resolved.server.uiUrl}`);
      context.print(`status     coppice status ${runId}`);
      context.print(`the same   ${line}`);
    }
    const pause = view?.state?.state === 'paused' ? view.state.pause : null;
    if (pause !== null) context.note(`it is paused: ${pause.message}; \`coppice resume ${runId}\` goes on`);
    const note = await noWorkerNote(session, modelRoutes(request.models), request.isGraded);
    if (note !== null) context.note(note);
    return ExitCode.done;
  } finally {
    await session.close();
  }
}

/** Nothing is started; with --json the result goes to standard error. */
async function tellOver(context: CommandContext, runId: string, { json }: StartFlags): Promise<ExitCode> {
  if (!json) return printOver(context, runId);
  const exitCode = await printOver(besideJson(context), runId);
  printJson(context, startJsonSchema, { runId, isNew: false, address: null });
  return exitCode;
}
