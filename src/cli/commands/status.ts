import { EVALUATION_WORDS, selectionInWords } from '../../report/evaluation-words';
import { modelRoutes } from '../../domain/resolved-model';
import { counted, formatCount, formatDollars, formatMetric, formatSeconds } from '../../domain/format';
import { inferredLines } from '../../report/inferred-words';
import { isolationInWords, notHiddenInWords } from '../../report/isolation-words';
import { capInWords, capsNow, noPriceInWords, unpricedModels, usageInWords } from '../../report/model-words';
import { noticeLines } from '../../report/notice-lines';
import { recordsOf } from '../../report/run-view';
import type { RunView } from '../../report/run-view';
import { loadUsageByRole } from '../../report/usage-by-role';
import { hintInWords, notedBeside, prunedInWords } from '../../report/steering-words';
import { noneInWords, pauseInWords, stopReasonInWords } from '../../report/words';
import { writersInWords } from '../../report/writers';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { StatusJson } from '../json-output';
import { statusJsonSchema } from '../json-output';
import { askLiveRuns } from '../live-run';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';
import { summarizeRun } from '../run-summary';
import { howToGoOn } from '../run-words';
import { wrapped } from '../wrapped';

/** Width of the labels at the left. */
const LABEL = 'isolated '.length;

export async function showStatus(
  context: CommandContext,
  runId: string,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const live = await askLiveRuns(context, runId);
  const view = await requireRun(context, runId);
  if (live.server === 'unreachable') context.note(`coppice: ${live.message}; the state is as the files tell it`);
  const byRole = await loadUsageByRole(context.store, runId, recordsOf(view));
  const status = summarizeRun(view, byRole, live);
  if (options.json) printJson(context, statusJsonSchema, status);
  else for (const line of wrapped(context, statusLines(status, view), LABEL)) context.print(line);
  if (!options.json) {
    const told = (await noticeLines(context.store, runId)).map((line) => `told     ${line}`);
    for (const line of wrapped(context, told, LABEL)) context.print(line);
  }
  if (!options.json && live.server === 'answers' && status.state === 'running') {
    const note = await missingWorkers(context, view);
    if (note !== null) for (const line of wrapped(context, [`waits    ${note}`], LABEL)) context.print(line);
  }
  return ExitCode.done;
}

/** A run without workers is under way as far as the server knows, but nothing happens. */
async function missingWorkers(context: CommandContext, view: RunView): Promise<string | null> {
  const { findSession } = await import('../session.js');
  const { noWorkerNote } = await import('../worker-presence.js');
  const session = await findSession(context, undefined).catch(() => null);
  if (session === null) return null;
  try {
    return await noWorkerNote(session, modelRoutes(view.run.models), view.evaluation?.kind !== 'reported');
  } finally {
    await session.close();
  }
}

function statusLines(status: StatusJson, view: RunView): string[] {
  const { steps, nodes, best, task, hints, pruned, notes } = status;
  const reason = status.stopReason === null ? '' : `: ${stopReasonInWords(status.stopReason)}`;
  const goOn = howToGoOn(status.runId, status.state);
  const isolation = isolationInWords(view);
  const notHidden = notHiddenInWords(view);
  const selection = status.selection === null ? null : selectionInWords(status.selection, status.evaluation?.kind);
  return [
    `run      ${status.runId}`,
    `state    ${status.pause === null ? `${status.state}${reason}` : pauseInWords(status.pause)}`,
    `task     ${task.name}, ${task.metric} (${task.direction})`,
    ...inferredLines(view.run.task).map((line) => `taken    ${line}`),
    ...(status.evaluation === null
      ? []
      : [`scores   ${EVALUATION_WORDS[status.evaluation.kind]}`, `why      ${status.evaluation.why}`]),
    ...(isolation === null ? [] : [`isolated ${isolation}`]),
    ...(notHidden === null ? [] : [`warning  ${notHidden}`]),
    `steps    ${formatCount(steps.done)} of ${formatCount(steps.total)}`,
    `nodes    ${formatCount(nodes.working)} working, ${formatCount(nodes.failed)} failed, ${nodes.inFlight} in flight`,
    `best     ${best === null ? noneInWords(view.state) : `${formatMetric(best.metric)}, node ${best.id}${notedBeside(notes)}`}`,
    ...(notes === null || notes.text === '' ? [] : [`noted    ${notes.text}`]),
    ...(pruned.length === 0 ? [] : [`pruned   ${prunedInWords(pruned)}`]),
    ...hints.map((hint) => `hint     ${hintInWords(hint)}`),
    ...(selection === null ? [] : [`selected ${selection}`]),
    `worked   ${formatSeconds(status.elapsedSeconds)}`,
    ...(status.offline ? [`model    ${writersInWords(view.run)}`] : moneyLines(status, view)),
    ...(goOn === null ? [] : [`go on    ${goOn}`]),
  ];
}

function moneyLines({ usage, forecast }: StatusJson, { run, state }: RunView): string[] {
  const unpriced = unpricedModels(run.models);
  const cap = capInWords(capsNow(run.request.limits, state));
  return [
    `model    ${usageInWords(usage)}`,
    ...(unpriced.length === 0 ? [] : [`price    ${noPriceInWords(unpriced)}`]),
    ...(cap === null ? [] : [`cap      ${cap}`]),
    ...(forecast === null ? [] : [`forecast ${forecastInWords(forecast)}`]),
  ];
}

function forecastInWords({ steps, tokens, costUsd, seconds }: NonNullable<StatusJson['forecast']>): string {
  const cost = costUsd === null ? '' : `, ${formatDollars(costUsd)}`;
  return `${counted(steps, 'step')} left: about ${formatCount(tokens)} tokens${cost} and ${formatSeconds(seconds)}`;
}
