import { PURPOSES } from '../domain/purpose';
import { isOffline, type ResolvedModels } from '../domain/resolved-model';
import type { RunSpec } from '../domain/run-spec';
import { DEFAULT_KEY_VARIABLE, valueOf, type Environment } from '../llm/endpoint';
import { capInWords, modelsInWords, pricesInWords } from '../report/model-words';

/** Which models a run pays for, at what price and up to what: told before the first call. Empty when none works. */
export function modelLines(models: ResolvedModels, limits: RunSpec['limits']): string[] {
  if (isOffline(models)) return [];
  return [
    `model      ${modelsInWords(models)}`,
    `price      ${pricesInWords(models)}`,
    `cap        ${capInWords(limits) ?? 'none; --max-cost or --max-tokens sets one'}`,
  ];
}

/**
 * A line on keys that the models want and this process does not have; null when it has them all. Only for a process
 * that makes the calls itself.
 */
export function missingKeyNote(models: ResolvedModels, environment: Environment): string | null {
  const missing = PURPOSES.flatMap((role) => models[role])
    .map(({ keyVariable }) => keyVariable)
    .filter((name) => name !== null)
    .filter((name) => name !== DEFAULT_KEY_VARIABLE && valueOf(environment, name) === null);
  if (missing.length === 0) return null;
  const names = [...new Set(missing)];
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not set here: calls that need a key from there will be refused`;
}
