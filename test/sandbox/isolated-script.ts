import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { controlDirectory, removeTree } from '../../src/sandbox/attempts';
import { createBubblewrap } from '../../src/sandbox/isolation/bubblewrap';
import { findBubblewrap } from '../../src/sandbox/isolation/find-bubblewrap';
import type { Isolation, Placement } from '../../src/sandbox/isolation/isolation';
import { writeAccountFiles } from '../../src/sandbox/isolation/system-places';
import { prepareAttempt } from '../../src/sandbox/prepare-attempt';
import type { ProvidedInput } from '../../src/sandbox/provide-input';
import { realPython } from './real-python';

export const hasBubblewrap = (): boolean => spawnSync('bwrap', ['--version']).status === 0;

export interface ScriptRun {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly directory: string;
}

type Wishes = Partial<Pick<Placement, 'network' | 'mounts' | 'pythonPath' | 'resources' | 'seed'>>;

/** A COPPICE_HOME, a store and data in a directory of their own, where scripts are placed and run. */
export class IsolationScene {
  #attempts = 0;

  private constructor(readonly root: string) {}

  static async make(parent: string = tmpdir()): Promise<IsolationScene> {
    const scene = new IsolationScene(await mkdtemp(path.join(parent, 'coppice-isolation-')));
    for (const directory of [scene.home, scene.store, scene.data]) await mkdir(directory, { recursive: true });
    await writeFile(path.join(scene.data, 'train.csv'), 'a,b\n1,2\n');
    return scene;
  }

  get home(): string {
    return path.join(this.root, 'home');
  }

  get store(): string {
    return path.join(this.root, 'runs');
  }

  get data(): string {
    return path.join(this.root, 'data');
  }

  async bubblewrap(): Promise<Isolation> {
    const found = await findBubblewrap(process.env['PATH']);
    if (found === null) throw new Error('bubblewrap is missing');
    const accountDirectory = path.join(this.home, 'isolation', 'accounts');
    await writeAccountFiles(accountDirectory);
    return createBubblewrap({ ...found, hidden: [this.home, this.store], accountDirectory });
  }

  /** Places a script as `execute` does, without running it. */
  async place(isolation: Isolation, code: string, wishes: Wishes = {}, input = this.ownData()): Promise<Placement> {
    this.#attempts += 1;
    const directory = path.join(this.home, 'work', 'run', `1-${this.#attempts}`);
    await mkdir(directory, { recursive: true });
    const token = `token-${this.#attempts}-${process.pid}`;
    const prepared = await prepareAttempt({ directory, token, solution: Buffer.from(code), input, isolation });
    const pythonPath = wishes.pythonPath ?? realPython();
    return {
      directory,
      ...prepared,
      program: [pythonPath, 'solution.py'],
      readOnly: ['solution.py'],
      input,
      mounts: [],
      network: false,
      gpus: 0,
      resources: { memoryBytes: 2 ** 29, diskBytes: 1e9, fileBytes: 1e9, processes: 100 },
      token,
      threads: 3,
      seed: null,
      ...wishes,
      pythonPath,
    };
  }

  async run(isolation: Isolation, code: string, wishes?: Wishes, input?: ProvidedInput): Promise<ScriptRun> {
    return this.start(isolation, await this.place(isolation, code, wishes, input));
  }

  async start(isolation: Isolation, placement: Placement, launcher: readonly string[] = []): Promise<ScriptRun> {
    const { command, environment } = await isolation.command(placement);
    const words = [...launcher, ...command].filter((word) => word !== '{gpu-devices}');
    const child = spawn(words[0]!, words.slice(1), { cwd: placement.directory, env: { ...environment } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [exitCode, signal] = z
      .tuple([z.number().nullable(), z.string().nullable()])
      .parse(await once(child, 'close'));
    return { exitCode, signal, output, directory: placement.directory };
  }

  controlOf(run: Pick<ScriptRun, 'directory'>): string {
    return controlDirectory(run.directory);
  }

  ownData(): ProvidedInput {
    return { directory: this.data, mounts: [], hidden: [] };
  }

  async close(): Promise<void> {
    await removeTree(this.root);
  }
}

/** The interpreter that set-up made, which has numpy. */
export async function pinnedPython(): Promise<string> {
  const home = process.env['COPPICE_HOME'] ?? path.join(__dirname, '..', '..', '.coppice');
  const setup: unknown = JSON.parse(await readFile(path.join(home, 'setup.json'), 'utf8'));
  return z.object({ python: z.string() }).parse(setup).python;
}
