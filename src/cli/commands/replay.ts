import type { ReplayFile } from '../../domain/replay-file';
import { replayAgreement } from '../../report/replay-comparison';
import { DIFFERENCE_HEADER, differenceRows } from '../../report/replay-words';
import type { RunView } from '../../report/run-view';
import { loadRunView, recordsOf } from '../../report/run-view';
import type { CommandContext } from '../command-context';
import { besideJson, withSlots } from '../command-context';
import { wrongInput } from '../command-failure';
import type { ExitCode } from '../exit-code';
import { askLiveRuns } from '../live-run';
import { replayJsonSchema } from '../look-back-json';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';
import { runStateOf } from '../run-state';
import type { ReplayFlags } from '../source-request';
import { replayRequest } from '../source-request';
import { renderTable } from '../table';
import { searchInForeground } from './run';

/**
 * Runs the scripts of a run again, in the foreground and without any model, and tells whose scores differ. With JSON
 * the progress goes to standard error.
 *
 * @returns done only when every node came to exactly the same
 */
export async function replayRun(
  plainContext: CommandContext,
  runId: string,
  flags: ReplayFlags & { readonly json: boolean },
): Promise<ExitCode> {
  const context = withSlots(plainContext, flags.slots);
  const source = await requireRun(context, runId);
  await requireReplayable(context, source);
  const talking = flags.json ? besideJson(context) : context;
  const end = await searchInForeground(talking, replayRequest(context, source, flags), flags);
  const view = end.runId === null ? null : await loadRunView(context.store, end.runId);
  if (view?.replay != null) tell(context, view.runId, view.replay, flags.json);
  return end.exitCode;
}

async function requireReplayable(context: CommandContext, source: RunView): Promise<void> {
  const { runId } = source;
  const state = runStateOf(runId, source.state, await askLiveRuns(context, runId));
  if (state === 'running') {
    throw wrongInput(`run "${runId}" is still running: replay it when it is over, or once \`coppice pause ${runId}\``);
  }
  if (recordsOf(source).length === 0) {
    throw wrongInput(`run "${runId}" is ${state} and has no recorded node: there is nothing to replay`);
  }
  if (state !== 'finished') context.note(`coppice: run ${runId} is ${state}: what it has recorded is replayed`);
}

function tell(context: CommandContext, runId: string, replay: ReplayFile, json: boolean): void {
  const { agree, differing, missing, largestDifference } = replayAgreement(replay);
  if (json) {
    const { source, nodes } = replay;
    printJson(context, replayJsonSchema, {
      ...{ runId, source, agree, differ: differing.length, missing, largestDifference },
      nodes,
    });
    return;
  }
  if (differing.length > 0) context.print(`\n${renderTable(DIFFERENCE_HEADER, differenceRows(replay))}`);
}
