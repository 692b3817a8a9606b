import type { NoteInput } from '../domain/steering-steps';
import type { ArtifactStore } from '../store/artifact-store';
import { writeNote } from '../store/write-note';

/** Writes what a person noted about a node. */
export function createNote({ store }: { readonly store: ArtifactStore }): (input: NoteInput) => Promise<void> {
  return async ({ runId, note }) => {
    await writeNote(store, runId, note);
  };
}
