import { hintFileSchema, type HintFile } from '../domain/steering';
import type { ArtifactStore } from './artifact-store';
import { readJson } from './json-file';
import { mapBounded } from './map-bounded';
import { runKeys } from './run-keys';
import { StoreError } from './store-error';

const READS_AT_ONCE = 16;

/** Every hint of the run, also those withdrawn, in the order in which they were given. */
export async function readHints(store: ArtifactStore, runId: string): Promise<HintFile[]> {
  const keys = runKeys(runId);
  const numbers = await listNumberedFiles(store, keys.hints);
  const hints = await mapBounded(numbers, READS_AT_ONCE, (number) =>
    readJson(store, keys.hint(number), hintFileSchema),
  );
  return hints.filter((hint) => hint !== null);
}

/**
 * The texts of these hints, in their order.
 *
 * @throws StoreError when one is gone
 */
export function hintTexts(store: ArtifactStore, runId: string, numbers: readonly number[]): Promise<string[]> {
  return mapBounded(numbers, READS_AT_ONCE, async (number) => {
    const key = runKeys(runId).hint(number);
    const hint = await readJson(store, key, hintFileSchema);
    if (hint === null) throw new StoreError(`${key} is missing: bring it back, or withdraw hint ${number}`);
    return hint.text;
  });
}

/** Numbers `<n>` of the files `<n>.json` directly below `prefix`, in ascending order. */
export async function listNumberedFiles(store: ArtifactStore, prefix: string): Promise<number[]> {
  return (await store.list(prefix))
    .flatMap((name) => /^([1-9]\d*)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
}
