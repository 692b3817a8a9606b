import { readFileSync, readdirSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { injectJsonSchema } from '../../src/cli/json-output';
import type { JsonOutput } from '../../src/cli/json-outputs';
import { JSON_OUTPUTS } from '../../src/cli/json-outputs';
import { SCHEMAS, schemaFileOf } from '../docs/schema-files';
import { modelAt } from '../end-to-end/answered-calls';
import type { Ended, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';

/** Some forty processes one after another: a busy machine needs longer than it seems. */
const LIMIT_MS = 10 * 60_000;

const HELD = 'held';
const DONE = 'done';

const ajv = new Ajv2020({ allowUnionTypes: true });
addFormats(ajv);
for (const name of readdirSync(SCHEMAS)) ajv.addSchema(parsed(readFileSync(path.join(SCHEMAS, name), 'utf8')));

let workplace: Workplace;
let model: ScriptedModel;
let withModel: Record<string, string>;
/** What was really printed and checked. */
const printed = new Set<JsonOutput>();

beforeAll(async () => {
  workplace = await makeWorkplace();
  await writeFile(path.join(workplace.task, 'input', 'test.csv'), 'id,x\n60,4\n61,5\n');
  await writeFile(path.join(workplace.task, 'input', 'sample_submission.csv'), 'id,y\n60,0\n61,0\n');
  await appendFile(path.join(workplace.task, 'task.yaml'), 'test: test.csv\n');
  model = await startScriptedModel({ script: ({ node }) => ({ metric: 10 - node }) });
  withModel = modelAt(model.baseUrl);
});

afterAll(async () => {
  await workplace.cleanup();
  await model.close();
});

function parsed(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`no object: ${text}`);
  return value;
}

/** Holds what was printed to the committed schema. */
function check(output: JsonOutput, text: string): unknown {
  const value = parsed(text);
  const fits = ajv.validate(schemaFileOf(output), value);
  expect({ output, errors: fits ? [] : ajv.errors, value }).toMatchObject({ errors: [] });
  printed.add(output);
  return value;
}

/** Runs a command with --json; its output is that JSON and nothing else. */
async function ask(output: JsonOutput, ...words: readonly string[]): Promise<unknown> {
  const ended: Ended = await workplace.run([...words, '--json'], withModel);
  expect(ended).toMatchObject({ exitCode: 0 });
  return check(output, ended.stdout);
}

test(
  'what is printed of runs that are made, steered and over fits the committed schemas',
  async () => {
    const { task } = workplace;
    expect(await ask('run --dry-run', 'run', task, '--dry-run')).toMatchObject({ run: { kind: 'new' } });
    await ask('start --dry-run', 'start', task, '--dry-run', '--script-timeout', '10m', '--max-disk', '1GB');
    const words = ['--steps', '2', '--seed', '1'];
    expect(await ask('run', 'run', task, ...words, '--run-id', DONE, '--slots', '1')).toMatchObject({
      state: 'finished',
      inferred: [{ what: 'sample' }, { what: 'direction' }, { what: 'id', reason: expect.any(String) as string }],
    });

    model.control.addRules({ runId: HELD, node: 2, purpose: 'draft', action: { type: 'hold' } });
    const request = ['start', task, ...words, '--run-id', HELD, '--parallel', '1'];
    expect(await ask('start', ...request)).toMatchObject({ runId: HELD, isNew: true });
    expect(await ask('start', ...request)).toMatchObject({ isNew: false });
    const worker = workplace.coppice(['worker', '--slots', '1'], withModel);
    await waitUntil('node 2 is asked for', () => model.requests().some(({ call }) => call === `${HELD}/2/draft/1`));
    const watching = workplace.coppice(['watch', HELD, '--json']);
    await watching.waitFor(/"state":"running".*\n/);

    expect(await ask('tree', 'tree', HELD)).toMatchObject({ inFlight: [{ id: 2, stage: 'writing' }] });
    expect(await ask('show', 'show', HELD, '2')).toMatchObject({ node: { id: 2, stage: 'writing' }, code: null });
    const hints = [{ number: 1, node: null, text: 'Mind the outliers.', withdrawnAt: null }];
    expect(await ask('hint', 'hint', HELD, 'Mind the outliers.')).toMatchObject({ hints });
    expect(await ask('hint', 'hint', HELD)).toMatchObject({ hints });
    await ask('note', 'note', HELD, '1', '--score', 'public=0.83', '--text', 'sent');
    const script = path.join(task, 'mine.py');
    await writeFile(script, 'raise SystemExit(1)\n');
    const { node } = injectJsonSchema.parse(await ask('inject', 'inject', HELD, script));
    await waitUntil('it is recorded', async () => (await workplace.readRun(HELD)).nodes.some(({ id }) => id === node));
    expect(await workplace.run(['pause', HELD])).toMatchObject({ exitCode: 0 });
    await watching.waitFor(/"state":"paused".*\n/);
    expect(await ask('status', 'status', HELD)).toMatchObject({
      state: 'paused',
      pause: { reason: 'person' },
      hints: [{}],
    });
    expect(await workplace.run(['stop', HELD])).toMatchObject({ exitCode: 0 });
    model.control.release();

    const watched = await watching.ended;
    expect(watched).toMatchObject({ exitCode: 0 });
    const lines = watched.stdout.trimEnd().split('\n');
    expect(lines.map((line) => check('watch', line)).at(-1)).toMatchObject({ state: 'finished' });
    worker.signal('SIGTERM');
    await worker.ended;
    expect(await ask('start', ...request)).toMatchObject({ runId: HELD, isNew: false, address: null });
    expect(await ask('tree', 'tree', HELD)).toMatchObject({
      nodes: [{ notes: { text: 'sent' } }, { reason: 'exception' }],
    });
  },
  LIMIT_MS,
);

test(
  'what is printed of what lies there fits the committed schemas',
  async () => {
    expect(await ask('list', 'list')).toMatchObject({ runs: [{ runId: HELD }, { runId: DONE }] });
    expect(await ask('status', 'status', DONE)).toMatchObject({ best: { id: 2 } });
    expect(await ask('show', 'show', DONE, '1')).toMatchObject({ node: { status: 'working' } });
    expect(await ask('show --prompt', 'show', DONE, '1', '--prompt')).toMatchObject({ calls: [{ ask: 1 }, {}] });
    expect(await ask('diff', 'diff', DONE, '1', '2')).toMatchObject({ from: 1, to: 2, prompt: null });
    expect(await ask('diff', 'diff', DONE, '1', '2', '--prompt')).toMatchObject({ code: null });
    expect(await ask('logs', 'logs', DONE, '1')).toMatchObject({ running: false });
    await ask('report', 'report', DONE);
    expect(await ask('submit', 'submit', DONE, '--out', path.join(workplace.task, 'mine.csv'))).toMatchObject({
      rows: 2,
    });
    expect(await ask('compare', 'compare', DONE, HELD)).toMatchObject({ runs: [{ runId: DONE }, { runId: HELD }] });
    expect(await ask('replay', 'replay', DONE, '--slots', '1')).toMatchObject({ agree: 2, differ: 0 });
    await ask('clean', 'clean', '--all', '--dry-run');
    // Whether all is well on this machine is not the question.
    check('doctor', (await workplace.run(['doctor', '--json'])).stdout);
  },
  LIMIT_MS,
);

test('every output was among them', () => {
  expect([...printed].sort()).toEqual(Object.keys(JSON_OUTPUTS).sort());
});
