import type { ArtifactStore } from '../../src/store/artifact-store';
import { StoreError } from '../../src/store/store-error';

/** One change that a step made to the store. */
export interface Change {
  readonly operation: 'write' | 'move' | 'remove';
  readonly key: string;
  readonly text: string;
}

/** Where a step is interrupted: `before` the change is made, as by a full disk, or `after` it, as by a kill. */
export interface Interruption {
  readonly change: number;
  readonly when: 'before' | 'after';
}

/** A store whose n-th change (from 1) fails; it notes every change that was asked for. */
export function failingStore(
  store: ArtifactStore,
  at: Interruption | null,
): ArtifactStore & { readonly changes: Change[] } {
  const changes: Change[] = [];
  const interrupt = async (change: Change, make: () => Promise<void>): Promise<void> => {
    changes.push(change);
    const when = changes.length === at?.change ? at.when : null;
    if (when === 'before') throw new StoreError(`no room for ${change.key}`);
    await make();
    if (when === 'after') throw new StoreError(`killed after ${change.key}`);
  };
  return {
    ...store,
    changes,
    write: (key, content) =>
      interrupt({ operation: 'write', key, text: content.toString() }, () => store.write(key, content)),
    move: (from, to) => interrupt({ operation: 'move', key: from, text: '' }, () => store.move(from, to)),
    remove: (prefix) => interrupt({ operation: 'remove', key: prefix, text: '' }, () => store.remove(prefix)),
  };
}
