import { setTimeout as sleep } from 'node:timers/promises';
import type { RunView } from '../../report/run-view';
import { recordsOf } from '../../report/run-view';
import { loadUsageByRole } from '../../report/usage-by-role';
import { pauseInWords } from '../../report/words';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { watchInterruption } from '../interruption';
import type { RunState } from '../json-output';
import { statusJsonSchema } from '../json-output';
import { openScreen } from '../live-view/live-screen';
import { openDisplay } from '../live-view/open-display';
import type { Heard } from '../live-view/run-display';
import { jsonText } from '../print-json';
import { requireRun } from '../require-run';
import { resultExitCode, resultLines } from '../result-lines';
import { runStateOf } from '../run-state';
import { summarizeRun } from '../run-summary';
import { howToGoOn } from '../run-words';
import { ServerLink } from '../server-link';
import { untilBegun } from '../until-begun';

/** Between two looks at the run's files, in milliseconds. */
const LOOK_MS = 500;

/** Looks at the files between two questions to the server. */
const LOOKS_PER_QUESTION = 4;

export interface WatchOptions {
  readonly address: string | undefined;
  /** Prints a line of JSON whenever the run's status changes, instead of a view. */
  readonly json: boolean;
}

/**
 * Shows a run until it is over, whoever works on it: from its files, and from the server where one is found.
 *
 * @returns as `run` would: done, without a working solution, failed, or interrupted when the watching was
 */
export async function watchRun(
  plainContext: CommandContext,
  runId: string,
  { address, json }: WatchOptions,
): Promise<ExitCode> {
  if (!(await untilBegun(plainContext, runId))) return ExitCode.interrupted;
  const leaving = new AbortController();
  const screen = json ? null : openScreen(plainContext);
  const context = screen === null ? plainContext : screen.talkingAbove(plainContext);
  const interruption = watchInterruption((signal) => {
    context.note(`\ncoppice: ${signal}: not watching any more; the run is not touched`);
    leaving.abort();
  });
  const link = new ServerLink(context, address);
  const watching: Watching = { context, runId, link, signal: leaving.signal };
  try {
    const end = json ? await tellChanges(watching) : await show(watching, await openDisplay(context, screen, runId));
    if (end === null) return ExitCode.interrupted;
    return json ? exitCodeOf(end) : tellEnd(context, end);
  } finally {
    screen?.close();
    interruption.end();
    await link.close();
  }
}

interface Watching {
  readonly context: CommandContext;
  readonly runId: string;
  readonly link: ServerLink;
  readonly signal: AbortSignal;
}

/** A run that is over. */
interface End {
  readonly view: RunView;
  readonly state: RunState;
}

/** Shows the run until it is over; null when interrupted before. */
async function show(watching: Watching, display: Awaited<ReturnType<typeof openDisplay>>): Promise<End | null> {
  const { context, runId } = watching;
  let isFirst = true;
  let pausedBy: string | null = null;
  const end = await untilOver(watching, async (heard) => {
    display.hear(heard);
    const view = await (isFirst ? display.catchUp() : display.look());
    isFirst = false;
    const pause = pauseOf(view, heard);
    if (pause !== null && pause !== pausedBy) context.print(`${pause}; \`coppice resume ${runId}\` goes on`);
    if (pause === null && pausedBy !== null) context.print('resumed');
    pausedBy = pause;
    return view;
  });
  display.close();
  return end;
}

/** Why the run stands still, as the workflow says, else its files; null when it does not. */
function pauseOf(view: RunView | null, { answer }: Heard): string | null {
  const stored = view?.state?.state === 'paused' ? view.state.pause : null;
  const pause = answer.kind === 'known' && answer.progress !== null ? answer.progress.pause : stored;
  return pause === null ? null : pauseInWords(pause);
}

/** Prints the status whenever it changes. */
async function tellChanges(watching: Watching): Promise<End | null> {
  const { context, runId } = watching;
  let last = '';
  return untilOver(watching, async ({ live }) => {
    const view = await requireRun(context, runId);
    const byRole = await loadUsageByRole(context.store, runId, recordsOf(view));
    const status = jsonText(statusJsonSchema.parse(summarizeRun(view, byRole, live)));
    if (status !== last) context.print(status);
    last = status;
    return view;
  });
}

/** Looks and asks in turns until the run is over; null when interrupted before. */
async function untilOver(
  { context, runId, link, signal }: Watching,
  look: (heard: Heard) => Promise<RunView | null>,
): Promise<End | null> {
  let view = await requireRun(context, runId);
  let heard = await link.ask(view);
  for (let round = 0; !signal.aborted; round += 1) {
    const hasAsked = round % LOOKS_PER_QUESTION === 0;
    if (hasAsked && round > 0) heard = await link.ask(view);
    view = (await look(heard)) ?? view;
    const state = runStateOf(runId, view.state, heard.live);
    if (hasAsked && isOver(state)) return { view, state };
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

function isOver(state: RunState): boolean {
  return state !== 'running' && state !== 'paused' && state !== 'interrupted';
}

function tellEnd(context: CommandContext, end: End): ExitCode {
  const { view, state } = end;
  for (const line of ['', ...resultLines(context.settings, view)]) context.print(line);
  const goOn = howToGoOn(view.runId, state);
  if (goOn !== null) context.note(`coppice: run ${view.runId} ${state}: ${goOn}`);
  return exitCodeOf(end);
}

function exitCodeOf({ view, state }: End): ExitCode {
  return state === 'finished' ? resultExitCode(view) : ExitCode.failed;
}
