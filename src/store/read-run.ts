import { z } from 'zod';
import type { RunFile } from '../domain/run-files';
import { runFileSchema } from '../domain/run-files';
import type { ArtifactStore } from './artifact-store';
import { readJson } from './json-file';
import { runKeys } from './run-keys';
import { StoreError } from './store-error';

/** What every `run.json` says, whatever its format. */
const writerSchema = z.looseObject({ versions: z.looseObject({ coppice: z.string() }) });

/**
 * Reads `run.json`; null when there is none.
 *
 * @throws StoreError when it cannot be read; of a run by another coppice it names the version that can go on with it
 */
export async function readRun(store: ArtifactStore, runId: string): Promise<RunFile | null> {
  const key = runKeys(runId).run;
  try {
    return await readJson(store, key, runFileSchema);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const writer = await readJson(store, key, writerSchema).catch(() => null);
    if (writer === null) throw error;
    const { coppice } = writer.versions;
    throw new StoreError(
      `run "${runId}" was begun by coppice ${coppice}, and this version cannot read its run.json; ` +
        `to go on with it, check out coppice ${coppice} with the same COPPICE_STORE (${error.message})`,
      error,
    );
  }
}
