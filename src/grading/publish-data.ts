import path from 'node:path';
import type { ArtifactStore } from '../store/artifact-store';
import type { SplitPlan } from './split-plan';

/** Tables that a split wrote, and where. */
export interface PublicTables {
  readonly directory: string;
  readonly names: readonly string[];
}

/**
 * Stores the data as scripts see them below `key`: the tables of the split, all other files as they are.
 *
 * @throws StoreError when a file cannot be stored
 */
export async function publishData(
  store: ArtifactStore,
  key: string,
  tables: PublicTables,
  plan: SplitPlan,
  dataDirectory: string,
): Promise<void> {
  // An attempt that was killed may have left some.
  await store.remove(key);
  for (const name of plan.others) await store.writeFile(`${key}/${name}`, path.join(dataDirectory, name));
  for (const name of tables.names) await store.writeFile(`${key}/${name}`, path.join(tables.directory, name));
}
