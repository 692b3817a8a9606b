import { executionFileSchema, reviewFileSchema, stepFileSchema } from '../domain/node-record';
import type { ExecutionFile, ReviewFile } from '../domain/node-record';
import type { NotesFile } from '../domain/steering';
import { notesFileSchema } from '../domain/steering';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/** What a node is made of and what came of it, in words; null where there is no such file. */
export interface NodeTexts {
  readonly id: number;
  readonly plan: string | null;
  readonly code: string | null;
  /** Head and tail of the script's output, at most as long as asked for. */
  readonly output: string | null;
  readonly execution: ExecutionFile | null;
  readonly review: ReviewFile | null;
  /** What a person noted. */
  readonly notes: NotesFile | null;
  /** The hints that stood when it was decided. */
  readonly hints: readonly string[];
}

/**
 * Reads the texts of a node. Output longer than `outputLimit` characters loses its middle.
 *
 * @throws StoreError when a file cannot be read or does not have the expected shape
 */
export async function loadNodeTexts(
  store: ArtifactStore,
  runId: string,
  id: number,
  outputLimit: number,
): Promise<NodeTexts> {
  const keys = runKeys(runId).node(id);
  const [plan, code, output, execution, review, notes, step] = await Promise.all([
    readText(store, keys.plan),
    readText(store, keys.solution),
    readText(store, keys.output),
    readJson(store, keys.execution, executionFileSchema),
    readJson(store, keys.review, reviewFileSchema),
    readJson(store, keys.notes, notesFileSchema),
    readJson(store, keys.step, stepFileSchema),
  ]);
  const shown = output === null ? null : cutMiddle(output, outputLimit);
  return { id, plan, code, output: shown, execution, review, notes, hints: step?.identity.hints ?? [] };
}

async function readText(store: ArtifactStore, key: string): Promise<string | null> {
  return (await store.read(key))?.toString('utf8') ?? null;
}

/** Keeps the first quarter and the last three quarters of `limit` characters and says what was left out. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit / 4);
  const tail = limit - head;
  const left = text.length - head - tail;
  return `${text.slice(0, head)}\n[… ${left} characters left out …]\n${text.slice(text.length - tail)}`;
}
