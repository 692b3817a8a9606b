import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A directory of its own for one test file; `write` makes the directories it needs. */
export class DataDirectory {
  private constructor(readonly root: string) {}

  static async make(): Promise<DataDirectory> {
    return new DataDirectory(await mkdtemp(path.join(tmpdir(), 'coppice-task-')));
  }

  at(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  /** Writes files below `directory`, which is made also when there are none, and returns its path. */
  async write(directory: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
    await mkdir(this.at(directory), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(this.at(directory, name)), { recursive: true });
      await writeFile(this.at(directory, name), content);
    }
    return this.at(directory);
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
