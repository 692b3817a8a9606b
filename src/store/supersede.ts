import type { ArtifactStore } from './artifact-store';
import { runKeys } from './run-keys';

/** The first unused key `superseded/<stem>-<n>` of a run, n from 1; what no longer matches is moved there. */
export async function freeSupersededKey(store: ArtifactStore, runId: string, stem: string): Promise<string> {
  const keys = runKeys(runId);
  const taken = new Set(await store.list(keys.supersededDirectory));
  let number = 1;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return keys.superseded(`${stem}-${number}`);
}
