import { totalTokens, type Usage } from '../domain/usage';
import type { StatusJson } from './json-output';

/** Fewer recorded nodes tell nothing of those to come. */
const LEAST_NODES = 3;

/** What the rest of a run takes when it goes on as it did: the mean of each recorded node, times the steps left. */
export function forecastOf(
  { done, total }: StatusJson['steps'],
  usage: Usage,
  elapsedSeconds: number,
): StatusJson['forecast'] {
  if (done < LEAST_NODES) return null;
  const steps = Math.max(0, total - done);
  const share = steps / done;
  return {
    steps,
    tokens: Math.round(totalTokens(usage) * share),
    costUsd: usage.costUsd === null ? null : usage.costUsd * share,
    seconds: elapsedSeconds * share,
  };
}
