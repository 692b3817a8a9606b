import { FILE_FORMAT } from '../domain/file-format';
import { hintFileSchema, type HintFile } from '../domain/steering';
import type { HintInput } from '../domain/steering-steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/** Stores a hint before it is in force, or notes when it was withdrawn. Doing it again changes nothing. */
export function createHint({ store }: { readonly store: ArtifactStore }): (input: HintInput) => Promise<void> {
  return async (input) => {
    const key = runKeys(input.runId).hint(input.number);
    const stored = await readJson(store, key, hintFileSchema);
    const now = new Date().toISOString();
    if ('withdraw' in input) {
      if (stored !== null && stored.withdrawnAt === null) await writeJson(store, key, { ...stored, withdrawnAt: now });
      return;
    }
    const { number, node, text } = input;
    // Only the same step, done again: after a reset the number may be another hint's.
    if (stored?.text === text && stored.node === node && stored.withdrawnAt === null) return;
    const hint: HintFile = { format: FILE_FORMAT, number, node, text, givenAt: now, withdrawnAt: null };
    await writeJson(store, key, hint);
  };
}
