import type { Extension } from '../domain/extension';
import { unfitExtension } from '../domain/extension';
import type { StateFile } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { totalTokens } from '../domain/usage';
import { counted, formatDollars, formatSeconds } from '../domain/format';

/** A run that is over, as its files tell of it. */
export interface OverRun {
  readonly request: RunSpec;
  readonly state: StateFile;
}

/**
 * Why a run that is over would end at once again in spite of an extension; each with what to give. Empty when it would
 * really go on.
 *
 * @param now milliseconds since the epoch
 */
export function whyEndsAgain({ request, state }: OverRun, extension: Extension, now: number): string[] {
  const unfit = unfitExtension(extension, request).map(({ path, message }) =>
    path === '$' ? message : `--${path.slice(2)}: ${message}`,
  );
  if (unfit.length > 0) return unfit;
  const lacks = [
    lackingSteps(state, extension),
    passedDeadline(request, now),
    lackingTime(request, state, extension),
    lackingTokens(request, state, extension),
    lackingMoney(request, state, extension),
  ];
  return lacks.filter((lack) => lack !== null);
}

type Lack = string | null;

function lackingSteps({ stepsTotal, nodes }: StateFile, { steps = 0 }: Extension): Lack {
  const done = nodes.working + nodes.failed;
  return done < stepsTotal + steps ? null : `all of its ${counted(stepsTotal, 'step')} are made: give --steps +N`;
}

/** Nothing moves a deadline: it is a moment that its owner named. */
function passedDeadline({ limits: { deadline } }: RunSpec, now: number): Lack {
  if (deadline === undefined || Date.parse(deadline) > now) return null;
  return `its deadline, ${deadline}, has passed: fork it with another one (\`coppice fork … --deadline TIME\`)`;
}

function lackingTime({ limits }: RunSpec, state: StateFile, { time }: Extension): Lack {
  if (limits.time === undefined) return null;
  const total = limits.time + state.extendedSeconds;
  // A search ends before its time is over: the rest is kept back for the final selection.
  const isUsedUp = time === undefined ? state.stopReason === 'time' : false;
  if (!isUsedUp && state.elapsedSeconds < total + (time ?? 0)) return null;
  return `its ${formatSeconds(total)} of working time are used up: give --time +DURATION`;
}

function lackingTokens({ limits }: RunSpec, state: StateFile, { tokens }: Extension): Lack {
  if (limits.tokens === undefined) return null;
  const cap = limits.tokens + state.extendedTokens;
  const isReached = tokens === undefined && state.stopReason === 'tokens';
  if (!isReached && totalTokens(state.usage) < cap + (tokens ?? 0)) return null;
  return `its cap of ${counted(cap, 'token')} is reached: give --tokens +N`;
}

function lackingMoney({ limits }: RunSpec, state: StateFile, { cost }: Extension): Lack {
  if (limits.cost === undefined) return null;
  const { costUsd } = state.usage;
  if (costUsd === null) return 'what a call of it cost is not known, so its cap on money could not be held';
  const cap = limits.cost + state.extendedCostUsd;
  const isReached = cost === undefined && state.stopReason === 'cost';
  if (!isReached && costUsd < cap + (cost ?? 0)) return null;
  return `its cap of ${formatDollars(cap)} is reached: give --cost +USD`;
}
