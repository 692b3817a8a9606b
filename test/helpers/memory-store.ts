import { readFile, writeFile } from 'node:fs/promises';
import type { ArtifactStore } from '../../src/store/artifact-store';

/** A store that forgets everything: for measurements of thousands of nodes that need no disk. */
export function createMemoryStore(): ArtifactStore {
  const files = new Map<string, Buffer>();
  const below = (prefix: string): string[] =>
    [...files.keys()].filter((key) => prefix === '' || key === prefix || key.startsWith(`${prefix}/`));
  return {
    read: async (key) => files.get(key) ?? null,
    readFile: async (key, localPath) => {
      const content = files.get(key);
      if (content !== undefined) await writeFile(localPath, content);
      return content !== undefined;
    },
    write: async (key, content) => void files.set(key, Buffer.from(content)),
    writeFile: async (key, localPath) => void files.set(key, await readFile(localPath)),
    copy: async (from, to) => {
      const content = files.get(from);
      if (content !== undefined) files.set(to, content);
      return content !== undefined;
    },
    append: async (key, lines) =>
      void files.set(key, Buffer.concat([files.get(key) ?? Buffer.alloc(0), Buffer.from(lines)])),
    list: async (prefix) => {
      const names = below(prefix).map((key) => key.slice(prefix === '' ? 0 : prefix.length + 1).split('/')[0] ?? '');
      return [...new Set(names)].filter((name) => name !== '').sort();
    },
    exists: async (key) => below(key).length > 0,
    move: async (from, to) => {
      for (const key of below(from)) {
        files.set(to + key.slice(from.length), files.get(key) ?? Buffer.alloc(0));
        files.delete(key);
      }
    },
    remove: async (prefix) => below(prefix).forEach((key) => files.delete(key)),
    link: async () => {
      throw new Error('no links here');
    },
  };
}
