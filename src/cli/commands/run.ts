import { onOneLine } from '../../domain/on-one-line';
import { FailureType } from '../../domain/failure-type';
import { PURPOSES } from '../../domain/purpose';
import { modelRoutes } from '../../domain/resolved-model';
import type { Pause } from '../../domain/run-files';
import { loadRunView } from '../../report/run-view';
import { shellWord } from '../../report/shell-word';
import { listSupervised } from '../../sandbox/survivors';
import { watchServer } from '../../server/watch-server';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { LaunchedRun } from '../find-run';
import { findRun, launchChosen } from '../find-run';
import { watchInterruption } from '../interruption';
import type { LiveScreen } from '../live-view/live-screen';
import { openScreen } from '../live-view/live-screen';
import { openDisplay } from '../live-view/open-display';
import { missingKeyNote, modelLines } from '../model-lines';
import { printOver } from '../over';
import type { RunRequest } from '../request';
import { resultExitCode, resultLines } from '../result-lines';
import { headerLines } from '../run-header';
import { RunMonitor } from '../run-monitor';
import type { RunOutcome } from '../run-outcome';
import { awaitOutcome } from '../run-outcome';
import type { Session } from '../session';
import { openSession } from '../session';
import type { WorkerProcess } from '../worker-process';
import { startWorkerProcess } from '../worker-process';
import type { WorkflowStatus } from '../workflow-status';

export interface ForegroundEnd {
  readonly exitCode: ExitCode;
  /** The run that the request was about; null when it was interrupted before there was one. */
  readonly runId: string | null;
}

export interface ForegroundOptions {
  readonly address?: string | undefined;
  /** Stays when the run pauses itself, until it can go on. */
  readonly stay?: boolean;
}

/** Searches in the foreground, with a worker of its own, until the run is over, pauses itself or is interrupted. */
export async function searchInForeground(
  plainContext: CommandContext,
  request: RunRequest,
  { address, stay = false }: ForegroundOptions,
): Promise<ForegroundEnd> {
  const screen = openScreen(plainContext);
  const context = screen === null ? plainContext : screen.talkingAbove(plainContext);
  const early = await findRun(context, request, null);
  if (early.kind === 'over') return over(context, early.runId);

  const session = await openSession(context, address);
  const leaving = new AbortController();
  const interruption = watchInterruption((signal) => {
    context.note(`\ncoppice: ${signal}: leaving; the run stays, and its scripts run on; once more to leave at once`);
    leaving.abort();
  });
  try {
    const endpoints = PURPOSES.flatMap((role) => modelRoutes(request.models)[role]);
    const worker = await startWorkerProcess(context.settings, session.resolved, 'all', endpoints);
    try {
      return await search({ context, request, session, worker, leaving, stay, screen });
    } finally {
      leaving.abort();
      worker.shutdown();
      await worker.ended;
    }
  } finally {
    screen?.close();
    interruption.end();
    await session.close();
  }
}

interface Foreground {
  readonly context: CommandContext;
  readonly request: RunRequest;
  readonly session: Session;
  readonly worker: WorkerProcess;
  /** Aborted by a signal, or when there is nothing more to wait for. */
  readonly leaving: AbortController;
  readonly stay: boolean;
  /** Where the live view is drawn; null for plain lines. */
  readonly screen: LiveScreen | null;
}

type End =
  | { readonly kind: 'outcome'; readonly outcome: RunOutcome }
  | { readonly kind: 'paused'; readonly pause: Pause }
  | { readonly kind: 'interrupted' };

async function over(context: CommandContext, runId: string): Promise<ForegroundEnd> {
  return { exitCode: await printOver(context, runId), runId };
}

async function search(foreground: Foreground): Promise<ForegroundEnd> {
  const { context, request, session, leaving } = foreground;
  if (leaving.signal.aborted) return { exitCode: ExitCode.interrupted, runId: null };
  // Before the launch: after it the first call may be made at any moment.
  for (const line of modelLines(request.models, request.spec.limits)) context.print(line);
  const missing = missingKeyNote(request.models, context.settings.environment);
  if (missing !== null) context.note(`coppice: ${missing}`);
  const launched = await launchChosen(context, session, request);
  if (launched.kind === 'over') return over(context, launched.runId);
  return { exitCode: await follow(foreground, launched), runId: launched.runId };
}

/** Shows a run's progress until it is over, pauses itself or is left alone. */
async function follow(
  foreground: Foreground,
  { runId, isNew }: Extract<LaunchedRun, { kind: 'launched' }>,
): Promise<ExitCode> {
  const { context, session, leaving, stay, screen } = foreground;
  const isolations = await foreground.worker.isolations();
  for (const line of headerLines({ ...foreground, runId, isNew, isolations })) context.print(line);

  const { signal } = leaving;
  const watch = keepServer(foreground, signal);
  const display = await openDisplay(context, screen, runId);
  const monitor = new RunMonitor({ context, session, display, runId, signal, stay });
  await monitor.catchUp();
  const end = await firstEnd(foreground, monitor, runId);
  leaving.abort();
  await watch;
  await monitor.lookLast(end.kind === 'outcome' ? statusOf(end.outcome) : null);
  switch (end.kind) {
    case 'interrupted':
      foreground.worker.shutdown();
      await foreground.worker.ended;
      context.note(`coppice: run ${runId} is not over: \`${sameCommand()}\` goes on with it`);
      await tellLeftScripts(foreground, runId);
      return ExitCode.interrupted;
    case 'paused':
      context.note(`coppice: run ${runId} paused itself (${end.pause.reason}): ${onOneLine(end.pause.message)}`);
      context.note(`coppice: once that is mended, \`${sameCommand()}\` goes on with it`);
      return ExitCode.failed;
    case 'outcome':
      return tellOutcome(context, runId, end.outcome);
  }
}

function statusOf({ kind }: RunOutcome): WorkflowStatus {
  return kind === 'finished' ? 'completed' : kind;
}

async function firstEnd({ session, worker, leaving }: Foreground, monitor: RunMonitor, runId: string): Promise<End> {
  const { signal } = leaving;
  const watched = async (): Promise<End> => {
    await monitor.leaveOwnPause();
    const end = await monitor.watch();
    return end.kind === 'paused' ? end : { kind: 'interrupted' };
  };
  const outcome = async (): Promise<End> => {
    const ended = await awaitOutcome(session, runId, signal);
    return ended === null ? { kind: 'interrupted' } : { kind: 'outcome', outcome: ended };
  };
  // A worker that fails takes the command with it: nothing would go on.
  const workerFailure = new Promise<never>((_resolve, reject) => void worker.ended.catch(reject));
  return Promise.race([watched(), outcome(), workerFailure]);
}

/** Starts the embedded server again when it is killed while the run needs it. */
async function keepServer({ context, session }: Foreground, signal: AbortSignal): Promise<void> {
  const { server } = session.resolved;
  if (server === null) return;
  await watchServer({
    home: context.settings.home,
    server,
    onRestart: ({ address }) => context.print(`the server at ${address} was gone and runs again`),
    onProblem: (message) => context.print(message),
    signal,
  });
}

/** Scripts outlive the command that started them; whoever leaves has to know. */
async function tellLeftScripts({ context }: Foreground, runId: string): Promise<void> {
  const scripts = (await listSupervised(context.settings.home)).filter(
    ({ status, script }) => status === 'running' && script.runId === runId,
  );
  if (scripts.length === 0) return;
  const what =
    scripts.length === 1
      ? 'a script runs on, at most to its limit'
      : `${scripts.length} scripts run on, each at most to its limit`;
  context.note(
    `coppice: ${what}, and its result is taken when the run goes on; ` +
      `\`npx coppice cancel ${runId}\` with a worker (\`npx coppice worker\`) ends everything`,
  );
}

async function tellOutcome(context: CommandContext, runId: string, outcome: RunOutcome): Promise<ExitCode> {
  if (outcome.kind === 'failed') {
    context.note(`coppice: run ${runId} failed: ${onOneLine(outcome.message)}`);
    return isWrongRequest(outcome.type) ? ExitCode.usage : ExitCode.failed;
  }
  const view = await loadRunView(context.store, runId);
  if (view !== null) for (const line of ['', ...resultLines(context.settings, view)]) context.print(line);
  if (outcome.kind === 'terminated') {
    context.note(`coppice: run ${runId} was terminated from outside: \`${sameCommand()}\` goes on with it`);
    return ExitCode.failed;
  }
  if (outcome.kind === 'cancelled') return ExitCode.failed;
  return view === null ? ExitCode.nothingWorks : resultExitCode(view);
}

function isWrongRequest(type: string): boolean {
  const wrong: readonly string[] = [FailureType.InvalidRunSpec, FailureType.InvalidTask, FailureType.RunIdInUse];
  return wrong.includes(type);
}

/** What to type to go on: the same as before. */
function sameCommand(): string {
  if (process.env['npm_lifecycle_event'] === 'start') return 'npm start';
  return ['npx', 'coppice', ...process.argv.slice(2)].map(shellWord).join(' ');
}
