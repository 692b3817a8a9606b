import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createExecute } from '../../src/activities/execute';
import type { ExecuteDependencies } from '../../src/activities/execute-step';
import {
  executionFileSchema,
  processFileSchema,
  type ExecutionFile,
  type ProcessFile,
} from '../../src/domain/node-record';
import type { RunFile } from '../../src/domain/run-files';
import { parseRunSpec } from '../../src/domain/run-spec';
import type { ExecuteInput, ExecuteResult } from '../../src/domain/steps';
import { PLAIN_TASK } from '../../src/domain/task';
import { offlineModels } from '../../src/llm/models/resolve-models';
import { removeTree } from '../../src/sandbox/attempts';
import { DiskGuard } from '../../src/sandbox/disk-guard';
import { processIsolation } from '../../src/sandbox/isolation/process';
import { processIdentity } from '../../src/sandbox/process-identity';
import { listSupervised, type SupervisedAttempt } from '../../src/sandbox/survivors';
import { WatchedScripts } from '../../src/sandbox/watched-scripts';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { Redactor } from '../../src/store/redaction/redactor';
import { runKeys } from '../../src/store/run-keys';
import { realPython } from '../sandbox/real-python';

export const RUN_ID = 'some-run';
export const HOST_ID = 'this-host';

/** A run with a task, in a store and home of its own. */
export class ExecuteFixture {
  readonly keys = runKeys(RUN_ID);
  readonly pythonPath = realPython();
  readonly store: ArtifactStore;

  private constructor(readonly root: string) {
    this.store = createDirectoryStore(path.join(root, 'runs'));
  }

  static async make(sample: string | null = null): Promise<ExecuteFixture> {
    const fixture = new ExecuteFixture(await mkdtemp(path.join(tmpdir(), 'coppice-execute-')));
    await mkdir(path.join(fixture.dataDirectory, 'more'), { recursive: true });
    await writeFile(path.join(fixture.dataDirectory, 'train.csv'), 'a,b\n1,2\n');
    await writeFile(path.join(fixture.dataDirectory, 'more', 'extra.csv'), 'c\n3\n');
    if (sample !== null) await writeFile(path.join(fixture.dataDirectory, 'sample.csv'), sample);
    await writeJson(
      fixture.store,
      fixture.keys.run,
      runFile(fixture.dataDirectory, sample === null ? null : 'sample.csv'),
    );
    return fixture;
  }

  get home(): string {
    return path.join(this.root, 'home');
  }

  get dataDirectory(): string {
    return path.join(this.root, 'data');
  }

  attemptDirectory(nodeId: number, attempt: number): string {
    return path.join(this.home, 'work', RUN_ID, `${nodeId}-${attempt}`);
  }

  /** What a worker's process brings to the activity; another process has its own `watched`. */
  dependencies(more: Partial<ExecuteDependencies> = {}): ExecuteDependencies {
    return {
      store: this.store,
      home: this.home,
      pythonPath: this.pythonPath,
      hostId: HOST_ID,
      slots: 4,
      leases: path.join(this.root, 'leases'),
      environment: {},
      disk: new DiskGuard({ store: path.join(this.root, 'runs'), home: this.home, minFree: () => 0 }),
      redactor: new Redactor(),
      isolationFor: () => Promise.resolve(processIsolation),
      watched: new WatchedScripts(),
      askChain: () => Promise.resolve('running'),
      ...more,
    };
  }

  async putScript(nodeId: number, code: string): Promise<void> {
    await this.store.write(this.keys.node(nodeId).solution, code);
  }

  /** Runs a script as a node's execute step in a fresh activity. */
  async execute(
    code: string,
    input: Partial<ExecuteInput> = {},
    parts: Partial<ExecuteDependencies> & { readonly activity?: MockActivityEnvironment } = {},
  ): Promise<ExecuteResult> {
    await this.putScript(input.nodeId ?? 1, code);
    const { activity = quietEnvironment(), ...more } = parts;
    const execute = createExecute(this.dependencies(more));
    return activity.run<[ExecuteInput], ExecuteResult, typeof execute>(execute, {
      runId: RUN_ID,
      nodeId: 1,
      variant: 'node',
      place: 'anywhere',
      limitMs: 60_000,
      budgetMs: null,
      deadline: null,
      needsMetric: true,
      ...input,
    });
  }

  async execution(nodeId = 1): Promise<ExecutionFile | null> {
    return readJson(this.store, this.keys.node(nodeId).execution, executionFileSchema);
  }

  async process(nodeId = 1): Promise<ProcessFile | null> {
    return readJson(this.store, this.keys.node(nodeId).process, processFileSchema);
  }

  async output(nodeId = 1): Promise<string> {
    return (await this.store.read(this.keys.node(nodeId).output))?.toString('utf8') ?? '';
  }

  /** Waits for a file that a script writes, below the root. */
  async fileText(name: string): Promise<string> {
    for (let tries = 0; tries < 400; tries += 1) {
      const text = await readFile(path.join(this.root, name), 'utf8').catch(() => '');
      if (text.endsWith('\n')) return text.trim();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${name} was never written`);
  }

  /** Writes a file below the root. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(path.join(this.root, name), text);
  }

  /** The scripts that run below the home. */
  async running(): Promise<SupervisedAttempt[]> {
    return (await listSupervised(this.home)).filter(({ status }) => status === 'running');
  }

  /** What attempts have left in the run's directory of this host. */
  async leftovers(): Promise<string[]> {
    const names = await readdir(path.join(this.home, 'work', RUN_ID)).catch(() => []);
    return names.filter((name) => /^\d/.test(name)).sort();
  }

  async remove(): Promise<void> {
    await removeTree(this.root);
  }
}

/** The result of a script that works. */
export function worked(metric: number | null): ExecuteResult {
  return { status: 'ok', metric, seconds: expect.any(Number) as number };
}

/** An activity's surroundings that do not log every failure that a test provokes. */
export function quietEnvironment(dispatchedAt: number = Date.now(), taskQueue = 'test'): MockActivityEnvironment {
  return new MockActivityEnvironment(
    { currentAttemptScheduledTimestampMs: dispatchedAt, taskQueue },
    { logger: new DefaultLogger('ERROR') },
  );
}

/** Whether a process with the pid runs; one that has ended and waits for init to reap it does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await processIdentity(pid)) !== null;
}

function runFile(dataDirectory: string, sample: string | null): RunFile {
  const parsed = parseRunSpec({ task: dataDirectory });
  if (!parsed.ok) throw new Error('the fixture has a wrong spec');
  return {
    format: 1,
    runId: RUN_ID,
    request: parsed.spec,
    seed: 1,
    parallel: 1,
    task: {
      ...PLAIN_TASK,
      name: 'fixture',
      goal: 'predict b',
      dataDirectory,
      metric: 'rmse',
      direction: 'minimize',
      target: 'b',
      id: null,
      train: 'train.csv',
      test: null,
      sample,
    },
    models: offlineModels(),
    versions: { coppice: '0', node: '20', python: '3', packages: {} },
    createdAt: new Date().toISOString(),
  };
}
