/**
 * Where everything a run makes is kept. Keys are relative paths with forward slashes. A write is all or nothing and
 * survives a crash once it returns. The interface asks for nothing that an object store could not give.
 */
export interface ArtifactStore {
  /** The bytes under `key`, or null when there are none. */
  read(key: string): Promise<Buffer | null>;
  /** Copies the bytes under `key` into a new local file; false, and no file, when there are none. */
  readFile(key: string, localPath: string): Promise<boolean>;
  write(key: string, content: string | Uint8Array): Promise<void>;
  /** Stores a local file; for outputs and submissions too large to hold in memory. */
  writeFile(key: string, localPath: string): Promise<void>;
  /** Copies the bytes under `from` to `to` without bringing them here; false, and nothing there, when there are none. */
  copy(from: string, to: string): Promise<boolean>;
  /** Adds whole lines to the end; only for views that can be made anew. */
  append(key: string, lines: string): Promise<void>;
  /** Names directly below `prefix`, sorted; directories without a trailing slash. Empty when there is nothing. */
  list(prefix: string): Promise<string[]>;
  exists(key: string): Promise<boolean>;
  /** Moves everything below `from` to `to` in one step. */
  move(from: string, to: string): Promise<void>;
  remove(prefix: string): Promise<void>;
  /** Makes `key` refer to `target` (a sibling prefix), replacing an older reference in one step. */
  link(key: string, target: string): Promise<void>;
}
