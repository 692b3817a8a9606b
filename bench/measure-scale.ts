import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { z } from 'zod';
import { nodeRecordSchema } from '../src/domain/node-record';
import type { NodeRecord } from '../src/domain/node-record';
import { treeColumnsSchema } from '../src/domain/tree-columns';
import { WatchedScripts } from '../src/sandbox/watched-scripts';
import { createDirectoryStore } from '../src/store/directory-store';
import { Redactor } from '../src/store/redaction/redactor';
import { createWorkers } from '../src/workers/create-workers';
import { readModelEndpoints } from '../src/workers/model-endpoints';
import { PACKAGE_DIRECTORY } from '../src/workers/settings';
import { workerActivities } from '../src/workers/worker-activities';
import { openWorkerIsolations } from '../src/workers/worker-isolations';
import type { CarriedState } from '../src/workflows/carried-state';
import type { treeSearch } from '../src/workflows/tree-search';
import { startScriptedModel } from '../test/scripted-model/scripted-model';

export interface ScaleMeasure {
  readonly nodes: number;
  readonly failed: number;
  /** Median milliseconds between two records, over the first and the last tenth of the run. */
  readonly firstTenthMs: number;
  readonly lastTenthMs: number;
  readonly runsOfChain: number;
  readonly eventsPerNode: number;
  readonly historyBytesPerNode: number;
  /** Of the whole state as the last continue-as-new carried it; 0 when the run was too short to continue. */
  readonly stateBytesPerNode: number;
}

/** Every seventh script fails, so that the run debugs, too. */
const FAILING = 7;

/** A run of trivial scripts with everything real but the model: what a node costs, early and late. */
export async function measureScale(environment: TestWorkflowEnvironment, nodes: number): Promise<ScaleMeasure> {
  const directory = await mkdtemp(path.join(tmpdir(), 'coppice-scale-'));
  const model = await startScriptedModel({
    script: ({ node }) => (node % FAILING === 0 ? { fail: 'exception' } : {}),
  });
  try {
    const runId = `scale-${nodes}`;
    const variables = { ...process.env, OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'none' };
    const settings = {
      home: path.join(directory, 'home'),
      store: path.join(directory, 'runs'),
      tasks: directory,
      grade: path.join(directory, 'grade'),
      slots: 1,
      minFree: () => 0,
      environment: variables,
      environmentFiles: [],
    };
    const redactor = new Redactor();
    await makeTask(directory, settings.home);
    const { reached: modelEndpoints } = await readModelEndpoints(variables);
    const workers = await createWorkers({
      connection: environment.nativeConnection,
      namespace: environment.namespace ?? 'default',
      activities: await workerActivities(settings, {
        embedded: false,
        hostId: 'bench',
        store: createDirectoryStore(settings.store),
        watched: new WatchedScripts(),
        askChain: () => Promise.resolve(null),
        isolations: () => openWorkerIsolations(settings),
        modelEndpoints,
        redactor,
      }),
      role: 'all',
      hostId: 'bench',
      scripts: { slots: 1, countOthers: () => Promise.resolve(0) },
      modelEndpoints,
      redactor,
    });
    const working = workers.run();
    try {
      const handle = await environment.client.workflow.start<typeof treeSearch>('treeSearch', {
        workflowId: runId,
        taskQueue: 'coppice',
        args: [{ task: 'task', steps: nodes, seed: 1, models: { default: 'scripted' } }],
      });
      await handle.result();
    } finally {
      workers.shutdown();
      await working;
    }
    return { ...(await historyOf(environment, runId, nodes)), ...timesOf(await journalOf(settings.store, runId)) };
  } finally {
    await model.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeTask(directory: string, home: string): Promise<void> {
  await mkdir(path.join(directory, 'task', 'input'), { recursive: true });
  await mkdir(home);
  const installed = path.join(process.env['COPPICE_HOME'] ?? path.join(PACKAGE_DIRECTORY, '.coppice'), 'setup.json');
  await writeFile(path.join(home, 'setup.json'), await readFile(installed));
  await writeFile(path.join(directory, 'task', 'input', 'train.csv'), 'x,y\n1,2\n2,4\n');
  const task = 'goal: Report a number.\nmetric: rmse\ntarget: y\n';
  await writeFile(path.join(directory, 'task', 'task.yaml'), task);
}

async function journalOf(store: string, runId: string): Promise<NodeRecord[]> {
  const lines = (await readFile(path.join(store, runId, 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => nodeRecordSchema.parse(JSON.parse(line)));
}

function timesOf(
  journal: readonly NodeRecord[],
): Pick<ScaleMeasure, 'nodes' | 'failed' | 'firstTenthMs' | 'lastTenthMs'> {
  const times = journal.map((record) => Date.parse(record.recordedAt));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const tenth = Math.max(1, Math.floor(gaps.length / 10));
  return {
    nodes: journal.length,
    failed: journal.filter((record) => record.status === 'failed').length,
    firstTenthMs: median(gaps.slice(0, tenth)),
    lastTenthMs: median(gaps.slice(-tenth)),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/** Goes back through the chain, since each of its runs has a history of its own. */
async function historyOf(
  environment: TestWorkflowEnvironment,
  runId: string,
  nodes: number,
): Promise<Pick<ScaleMeasure, 'runsOfChain' | 'eventsPerNode' | 'historyBytesPerNode' | 'stateBytesPerNode'>> {
  const total = { runs: 0, events: 0, bytes: 0 };
  let stateBytesPerNode = 0;
  let current: string | undefined;
  do {
    const handle = environment.client.workflow.getHandle(runId, current);
    const description = await handle.describe();
    total.runs += 1;
    total.events += description.historyLength;
    total.bytes += description.historySize ?? 0;
    const started = (await handle.fetchHistory()).events?.[0]?.workflowExecutionStartedEventAttributes;
    const carried = started?.input?.payloads?.[1]?.data;
    if (total.runs === 1 && carried) stateBytesPerNode = stateBytes(carried);
    current = started?.continuedExecutionRunId ?? undefined;
    if (current === '') current = undefined;
  } while (current !== undefined);
  return {
    runsOfChain: total.runs,
    eventsPerNode: total.events / nodes,
    historyBytesPerNode: total.bytes / nodes,
    stateBytesPerNode,
  };
}

const carriedSchema: z.ZodType<Pick<CarriedState, 'tree'>> = z.object({ tree: treeColumnsSchema });

function stateBytes(carried: Uint8Array): number {
  const { tree } = carriedSchema.parse(JSON.parse(Buffer.from(carried).toString('utf8')));
  return carried.byteLength / tree.parents.length;
}
