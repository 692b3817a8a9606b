import { addUsage, NO_USAGE, totalTokens, type Usage } from '../../domain/usage';
import { forecastOf } from '../forecast';
import { formatCount, formatDollars } from '../../domain/format';
import { capsNow } from '../../report/model-words';
import { recordsOf } from '../../report/run-view';
import { isOffline } from '../../domain/resolved-model';
import { clockWords } from './clock-words';
import type { FrameModel } from './frame-model';

/** The numbers at the head of a frame. */
export interface FrameFacts {
  readonly done: number;
  readonly total: number;
  readonly working: number;
  readonly failed: number;
  /** Working time so far, in seconds. */
  readonly elapsed: number;
  /** What the run used up, each with its limit where it has one: `$1.20 of $5.00`. */
  readonly budget: readonly string[];
  /** Working time that the rest may take, in seconds; null where nothing can be said. */
  readonly secondsLeft: number | null;
}

export function frameFacts(model: FrameModel): FrameFacts {
  const { view, state } = model;
  const records = recordsOf(view);
  const working = records.filter(({ status }) => status === 'working').length;
  const steps = { done: records.length, total: view.state?.stepsTotal ?? view.run.request.steps };
  const usage = view.state?.usage ?? records.reduce<Usage>((sum, record) => addUsage(sum, record.usage), NO_USAGE);
  const elapsed = elapsedSeconds(model);
  const isUnderWay = state === 'running' && model.phase === null;
  return {
    ...steps,
    working,
    failed: records.length - working,
    elapsed,
    budget: [timeWords(model, elapsed), ...moneyWords(model, usage)],
    secondsLeft: isUnderWay ? (forecastOf(steps, usage, elapsed)?.seconds ?? null) : null,
  };
}

/** `state.json` is rewritten with each record; since then the clock has gone on, if the run has. */
function elapsedSeconds({ view, state, now }: FrameModel): number {
  const counted = view.state?.elapsedSeconds ?? 0;
  if (state !== 'running') return counted;
  const since = Date.parse(view.state?.updatedAt ?? view.run.createdAt);
  return counted + Math.max(0, (now - since) / 1000);
}

function timeWords({ view }: FrameModel, elapsed: number): string {
  const { time, deadline } = view.run.request.limits;
  const limit = time === undefined ? '' : ` of ${clockWords(time + (view.state?.extendedSeconds ?? 0))}`;
  const end = deadline === undefined ? '' : `, until ${deadline} at the latest`;
  return `${clockWords(elapsed)}${limit} working time${end}`;
}

function moneyWords({ view }: FrameModel, usage: Usage): string[] {
  if (isOffline(view.run.models)) return [];
  const caps = capsNow(view.run.request.limits, view.state);
  const tokens = `${formatCount(totalTokens(usage))}${caps.tokens === undefined ? '' : ` of ${formatCount(caps.tokens)}`} tokens`;
  const spent = usage.costUsd === null ? 'cost unknown' : formatDollars(usage.costUsd);
  const cost = caps.cost === undefined ? spent : `${spent} of ${formatDollars(caps.cost)}`;
  return [`${formatCount(usage.calls)} calls`, tokens, cost];
}
