import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runFileSchema } from '../../src/domain/run-files';
import { usageSchema } from '../../src/domain/usage';
import type { CoppiceProcess, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

const FLAGS_OF_A_RUN = ['--type', 'treeSearch', '--task-queue', 'coppice'];

let workplace: Workplace;
let model: ScriptedModel;
let worker: CoppiceProcess;
/** The worker's COPPICE_TASKS; neither its working directory nor the checkout has the task. */
let tasks: string;

beforeAll(async () => {
  workplace = await makeWorkplace();
  model = await startScriptedModel({ script: ({ node }) => ({ metric: 10 - node }) });
  const server = await workplace.run(['server']);
  expect(server).toMatchObject({ exitCode: 0, stderr: '' });
  tasks = path.join(path.dirname(workplace.task), 'tasks');
  await cp(workplace.task, path.join(tasks, 'made-up'), { recursive: true });
  worker = workplace.coppice(['worker', '--slots', '1'], { ...modelAt(model.baseUrl), COPPICE_TASKS: tasks });
  await worker.waitFor(/polls coppice-exec/);
});

afterAll(async () => {
  await workplace.cleanup();
  await model.close();
});

afterEach(() => {
  model.control.clearRules();
  model.control.release();
});

/** Starts a run by nothing but the `temporal` command. */
async function start(workflowId: string, spec: object): Promise<void> {
  const file = path.join(tasks, 'run.json');
  await writeFile(file, JSON.stringify(spec));
  await temporal('start', ...FLAGS_OF_A_RUN, '--workflow-id', workflowId, '--input-file', file);
}

function temporal(...words: string[]): Promise<string> {
  return workplace.temporal(['workflow', ...words]);
}

async function query(workflowId: string, type: string, ...input: string[]): Promise<unknown> {
  const words = ['query', '--workflow-id', workflowId, '--type', type, '--output', 'json', ...inputs(input)];
  const { queryResult } = z
    .object({ queryResult: z.array(z.unknown()).length(1) })
    .parse(JSON.parse(await temporal(...words)));
  return queryResult[0];
}

async function update(workflowId: string, name: string, ...input: string[]): Promise<unknown> {
  const words = [
    'update',
    'execute',
    '--workflow-id',
    workflowId,
    '--name',
    name,
    '--output',
    'json',
    ...inputs(input),
  ];
  return z.object({ result: z.unknown() }).parse(JSON.parse(await temporal(...words))).result;
}

function inputs(values: readonly string[]): string[] {
  return values.flatMap((value) => ['--input', value]);
}

const resultSchema = z.object({ status: z.literal('COMPLETED'), result: z.unknown() });

async function result(workflowId: string) {
  return resultSchema.parse(JSON.parse(await temporal('result', '--workflow-id', workflowId, '--output', 'json')))
    .result;
}

const payloadSchema = z.object({ data: z.base64() }).transform(({ data }): unknown => JSON.parse(atob(data)));
/** All that a workflow's result may hold: what is large stays in the store. */
const runResultSchema = z.strictObject({
  runId: z.string(),
  stopReason: z.string(),
  best: z.strictObject({ id: z.int(), metric: z.number() }),
  selection: z.null(),
  nodes: z.strictObject({ working: z.int(), failed: z.int() }),
  usage: usageSchema.strict(),
  elapsedSeconds: z.int().min(1),
  artifacts: z.array(z.string()),
});

const failureSchema = z.object({
  message: z.string(),
  applicationFailureInfo: z.object({
    type: z.string(),
    nonRetryable: z.boolean(),
    details: z.object({ payloads: z.array(payloadSchema) }).optional(),
  }),
});
const historySchema = z.object({
  events: z.array(
    z.object({
      eventType: z.string(),
      workflowExecutionFailedEventAttributes: z.object({ failure: failureSchema }).optional(),
    }),
  ),
});

/** How a workflow failed, and what was done before it did. */
async function failure(workflowId: string) {
  await temporal('result', '--workflow-id', workflowId).catch(() => undefined);
  const history = await temporal('show', '--workflow-id', workflowId, '--output', 'json');
  const { events } = historySchema.parse(JSON.parse(history));
  const failed = events.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
  const activities = events.filter(({ eventType }) => eventType.includes('ACTIVITY_TASK')).length;
  return { activities, message: failed?.message ?? '', ...failed?.applicationFailureInfo };
}

test('a run that nothing but the temporal command started finishes, with a small result', async () => {
  await start('my-run', { task: 'made-up', steps: 3, seed: 1 });
  const outcome = await result('my-run');

  expect(runResultSchema.parse(outcome)).toMatchObject({
    runId: 'my-run',
    stopReason: 'steps',
    best: { id: 3, metric: 7 },
    nodes: { working: 3, failed: 0 },
    // Two for each node, and the words for the report.
    usage: { calls: 7 },
    artifacts: ['my-run/report.md', 'my-run/tree.html', 'my-run/best'],
  });
  expect(JSON.stringify(outcome).length).toBeLessThan(1000);
  const { nodes, state } = await workplace.readRun('my-run');
  expect(nodes).toHaveLength(3);
  expect(state).toMatchObject({ state: 'finished', best: { id: 3, metric: 7 } });
  const run = runFileSchema.parse(JSON.parse((await workplace.read('my-run/run.json')) ?? ''));
  expect(run.request.task).toBe(path.join(tasks, 'made-up'));
});

test('a run is paused, resumed, extended, stopped and asked by the temporal command', async () => {
  model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'hold' } });
  await start('steered', { task: 'made-up', steps: 3, seed: 1 });
  await waitUntil('node 2 is being written', () => model.requests().some(({ call }) => call === 'steered/2/draft/1'));

  const standing = { runId: 'steered', steps: { done: 1, total: 3 }, nodes: { working: 1, failed: 0, inFlight: 1 } };
  expect(await query('steered', 'progress')).toMatchObject({ ...standing, state: 'running', pause: null });
  expect(await update('steered', 'pause')).toMatchObject({ ...standing, state: 'paused', pause: { reason: 'person' } });
  expect(await update('steered', 'extend', '{"steps": 20}')).toMatchObject({ steps: { done: 1, total: 23 } });
  model.control.release();
  await waitUntil('state.json tells of both', async () => {
    const { state } = await workplace.readRun('steered');
    return state?.state === 'paused' && state.stepsTotal === 23;
  });
  expect(await query('steered', 'node', '1')).toEqual({
    id: 1,
    parent: null,
    operator: 'draft',
    status: 'working',
    reason: null,
    metric: 9,
  });

  model.control.addRules({ node: 5, action: { type: 'hold' } });
  expect(await update('steered', 'resume')).toMatchObject({ state: 'running', pause: null });
  await waitUntil('node 5 is being written', () =>
    model.requests().some(({ node, runId }) => runId === 'steered' && node === 5),
  );
  expect(await query('steered', 'tree', '{"limit": 2}')).toMatchObject({ nodes: [{ id: 1 }, { id: 2 }], next: 2 });
  expect(await query('steered', 'tree', '{"after": 2}')).toMatchObject({
    nodes: [{ id: 3 }, { id: 4 }, { id: 5, status: 'in_flight' }],
    next: null,
  });
  await expect(update('steered', 'extend', '{"steps": -1, "money": 5}')).rejects.toThrow(/\$\.steps.*money/s);

  expect(await update('steered', 'stop')).toMatchObject({ state: 'stopping' });
  expect(await result('steered')).toMatchObject({ stopReason: 'stopped', best: { id: 4, metric: 6 } });
  expect(await workplace.read('steered/report.md')).toContain('Best score: ');
});

test('a spec with three mistakes fails at once and names each by its JSON path', async () => {
  await start('mistaken', { task: 'made-up', steps: 0, colour: 'red', limits: { time: 'soon' } });
  const { activities, message, ...info } = await failure('mistaken');

  expect(info).toMatchObject({ type: 'InvalidRunSpec', nonRetryable: true });
  expect(message.split('; ')).toEqual([
    expect.stringMatching(/\$\.steps: /),
    expect.stringMatching(/^\$\.limits\.time: /),
    expect.stringMatching(/^\$\.colour: unknown key$/),
  ]);
  const [problems] = z.tuple([z.array(z.object({ path: z.string() }))]).parse(info.details?.payloads);
  expect(problems.map((problem) => problem.path).sort()).toEqual(['$.colour', '$.limits.time', '$.steps']);
  expect(activities).toBe(0);
  expect(await workplace.read('mistaken/run.json')).toBeNull();
});

test('a workflow id that cannot name a directory is refused, too', async () => {
  await start('no/such:name', { task: 'made-up' });
  const { message, ...refused } = await failure('no/such:name');
  expect(refused).toMatchObject({ activities: 0, type: 'InvalidRunSpec', nonRetryable: true });
  expect(message).toContain('letters, digits, dots, underscores or hyphens');
});

test('a task that is not there fails the run and leaves nothing behind', async () => {
  await start('homeless', { task: 'elsewhere' });
  const { message, ...refused } = await failure('homeless');
  expect(refused).toMatchObject({ type: 'InvalidTask', nonRetryable: true });
  expect(message).toContain(path.join(tasks, 'elsewhere'));
  expect(await workplace.read('homeless/run.json')).toBeNull();
});

test('an id in use for another request is refused, and the run under it stays as it is', async () => {
  const before = await workplace.read('my-run/run.json');
  await start('my-run', { task: 'made-up', steps: 5, seed: 2 });
  const { message, ...refused } = await failure('my-run');
  expect(refused).toMatchObject({ type: 'RunIdInUse', nonRetryable: true });
  expect(message).toMatch(/seed, steps differ/);
  expect(await workplace.read('my-run/run.json')).toBe(before);
  expect(before).not.toBeNull();
});
