import { FILE_FORMAT } from '../domain/file-format';
import { notesFileSchema, type NoteRequest, type NotesFile } from '../domain/steering';
import type { ArtifactStore } from './artifact-store';
import { readJson, writeJson } from './json-file';
import { runKeys } from './run-keys';

/** Adds a note to what is noted about the node already; a score of null takes that score away. */
export async function writeNote(store: ArtifactStore, runId: string, note: NoteRequest): Promise<NotesFile> {
  const key = runKeys(runId).node(note.node).notes;
  const before = await readJson(store, key, notesFileSchema);
  const scores = Object.entries({ ...before?.scores, ...note.scores }).filter(hasScore);
  const notes: NotesFile = {
    format: FILE_FORMAT,
    scores: Object.fromEntries(scores),
    text: note.text ?? before?.text ?? '',
    updatedAt: new Date().toISOString(),
  };
  await writeJson(store, key, notes);
  return notes;
}

function hasScore(entry: [string, number | null]): entry is [string, number] {
  return entry[1] !== null;
}
