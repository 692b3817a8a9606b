import type { ArtifactStore } from './artifact-store';
import { listTree } from './fetch-tree';
import { mapBounded } from './map-bounded';

const COPIES_AT_ONCE = 16;

/**
 * Copies everything below a prefix to another. What lies at the target already stays, so that a copy that was
 * interrupted goes on where it was: for files that are never changed once they are written.
 *
 * @param wanted which keys of the source to take; default: all
 * @throws StoreError when something cannot be copied
 */
export async function copyTree(
  store: ArtifactStore,
  from: string,
  to: string,
  wanted: (key: string) => boolean = () => true,
): Promise<void> {
  const keys = (await listTree(store, from)).filter(wanted);
  await mapBounded(keys, COPIES_AT_ONCE, async (key) => {
    const target = `${to}${key.slice(from.length)}`;
    if (!(await store.exists(target))) await store.copy(key, target);
  });
}
