import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpenRun } from '../../src/activities/open-run';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { runSpecSchema } from '../../src/domain/run-spec';
import type { OpenRunResult } from '../../src/domain/steps';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';

const DIAMONDS = path.join(__dirname, '..', '..', 'examples', 'diamonds');

interface Opening {
  readonly runId?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the scene's own. */
  readonly store?: ArtifactStore;
}

/** A store, a copy of the diamonds task that a test may change, and the step that opens runs. */
export interface OpenRunScene {
  /** Everything of the scene lies below. */
  readonly directory: string;
  /** Of the store. */
  readonly root: string;
  readonly store: ArtifactStore;
  /** Absolute path of the task that relative specs call `diamonds`. */
  readonly task: string;
  open(spec: RunSpecInput, opening?: Opening): Promise<OpenRunResult>;
  close(): Promise<void>;
}

export async function openScene(): Promise<OpenRunScene> {
  const directory = await mkdtemp(path.join(tmpdir(), 'coppice-open-'));
  const root = path.join(directory, 'runs');
  const store = createDirectoryStore(root);
  const tasks = path.join(directory, 'tasks');
  const task = path.join(tasks, 'diamonds');
  await cp(DIAMONDS, task, { recursive: true });
  return {
    directory,
    root,
    store,
    task,
    open: (spec, opening = {}) => {
      const openRun = createOpenRun({
        store: opening.store ?? store,
        tasks,
        environment: opening.environment ?? {},
        slots: 2,
        drainAt: { events: 30_000, bytes: 1 },
        versions: async () => ({ coppice: '0', node: '20', python: '3.12', packages: {} }),
        serverDownMs: async () => 1234,
      });
      return openRun({ runId: opening.runId ?? 'run', spec: runSpecSchema.parse(spec) });
    },
    close: () => rm(directory, { recursive: true }),
  };
}
