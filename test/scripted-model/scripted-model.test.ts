import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { parseAnswer } from '../../src/llm/parse-answer';
import { realPython } from '../sandbox/real-python';
import { waitUntil } from '../helpers/wait-until';
import { scriptAnswer, scriptedMetric } from './answers';
import type { ScriptBehaviour } from './actions';
import type { CallKey, RuleInput } from './rules';
import { startScriptedModel, type ScriptedModel } from './scripted-model';

const PROJECT = path.resolve(__dirname, '..', '..');
const DRAFT: CallKey = { runId: 'run', node: 3, purpose: 'draft', ask: 1 };
const completionSchema = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })) });

let root: string;
let server: ScriptedModel | null = null;
let child: ChildProcess | null = null;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-scripted-model-'));
});

afterEach(async () => {
  await server?.close();
  server = null;
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = null;
  await rm(root, { recursive: true, force: true });
});

function post(baseUrl: string, call: string): Promise<Response> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });
  return fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers: { 'x-coppice-call': call }, body });
}

async function textOf(response: Response): Promise<string> {
  return completionSchema.parse(await response.json()).choices[0]?.message.content ?? '';
}

describe('answers', () => {
  test('are determined by node and purpose, whatever came before', async () => {
    server = await startScriptedModel();
    const { baseUrl } = server;
    const ask = async (call: string) => textOf(await post(baseUrl, call));
    const first = await ask('run/3/draft/1');
    await ask('run/4/draft/1');
    expect(await ask('other/3/draft/1')).toBe(first);
    expect(await ask('run/3/improve/1')).not.toBe(first);
    expect(first).toContain(`METRIC = ${scriptedMetric(3, 'draft')}`);
    expect(JSON.parse(await ask('run/3/review/1'))).toMatchObject({ is_bug: false });
  });

  test('scores differ from node to node', () => {
    const scores = Array.from({ length: 50 }, (_, index) => scriptedMetric(index + 1, 'improve'));
    expect(new Set(scores).size).toBeGreaterThan(45);
  });

  test('a call without a name is refused', async () => {
    server = await startScriptedModel();
    const response = await post(server.baseUrl, 'nonsense');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('x-coppice-call');
  });
});

describe('scripts', () => {
  async function runScript(behaviour: ScriptBehaviour) {
    const answer = parseAnswer(scriptAnswer(DRAFT, behaviour));
    if (!answer.ok) throw new Error(answer.problem);
    await mkdir(path.join(root, 'input'));
    await writeFile(path.join(root, 'input', 'sample_submission.csv'), 'id,price\n1,0\n');
    await writeFile(path.join(root, 'solution.py'), answer.code);
    const outcome = await promisify(execFile)(realPython(), ['solution.py'], { cwd: root }).then(
      ({ stdout }) => ({ code: 0, signal: null, stdout }),
      (error: unknown) => z.object({ code: z.number().nullable(), signal: z.string().nullish() }).loose().parse(error),
    );
    const read = (name: string) => readFile(path.join(root, 'working', name), 'utf8').catch(() => null);
    return { ...outcome, result: await read('result.json'), submission: await read('submission.csv') };
  }

  test('report their score and copy the sample', async () => {
    expect(await runScript({ metric: 0.25, lines: 3 })).toMatchObject({
      code: 0,
      stdout: 'node 3: draft\nline 0\nline 1\nline 2\nValidation metric (scripted): 0.25\n',
      result: '{"metric": 0.25}',
      submission: 'id,price\n1,0\n',
    });
  });

  test.each<[ScriptBehaviour['fail'], object]>([
    ['exception', { code: 1, result: null }],
    ['no_metric', { code: 0, result: null }],
    ['bad_metric', { code: 0, result: '{"metric": NaN}' }],
    ['killed', { signal: 'SIGKILL', result: null }],
    ['no_submission', { code: 0, submission: null }],
  ])('fail by %s when told to', async (fail, outcome) => {
    expect(await runScript({ ...(fail === undefined ? {} : { fail }) })).toMatchObject(outcome);
  });
});

describe('rules', () => {
  test('the newest that fits decides, and counts what it fits', async () => {
    server = await startScriptedModel({ rules: [{ action: { type: 'answer', text: 'usual' } }] });
    const { baseUrl, control } = server;
    const respond: RuleInput['action'] = {
      type: 'respond',
      status: 503,
      headers: { 'retry-after': '1' },
      body: 'busy',
    };
    control.addRules({ purpose: 'draft', node: 3, nth: 2, action: respond });
    expect(await textOf(await post(baseUrl, 'run/3/draft/1'))).toBe('usual');
    expect((await post(baseUrl, 'run/4/draft/1')).status).toBe(200);
    const second = await post(baseUrl, 'run/3/draft/1');
    expect([second.status, second.headers.get('retry-after'), await second.text()]).toEqual([503, '1', 'busy']);
    expect((await post(baseUrl, 'run/3/draft/1')).status).toBe(200);
    control.clearRules();
    expect(await textOf(await post(baseUrl, 'run/3/draft/1'))).toContain('```python');
  });

  test('a held request is answered when it is released, and is seen meanwhile', async () => {
    server = await startScriptedModel({ rules: [{ nth: 1, action: { type: 'hold' } }] });
    const { requests, control, baseUrl } = server;
    const held = post(baseUrl, 'run/3/draft/1');
    await waitUntil('the request to arrive', () => requests().length === 1);
    expect(requests()).toMatchObject([{ call: 'run/3/draft/1', status: null, answeredAt: null }]);
    control.release();
    expect((await held).status).toBe(200);
    expect(requests()).toMatchObject([{ status: 200, promptTokens: 2 }]);
  });

  test('a request that had come is released, even if it was not held yet', async () => {
    server = await startScriptedModel({ rules: [{ nth: 1, delayMs: 1_000, action: { type: 'hold' } }] });
    const { requests, control, baseUrl } = server;
    const held = post(baseUrl, 'run/3/draft/1');
    await waitUntil('the request to arrive', () => requests().length === 1);
    control.release();
    expect((await held).status).toBe(200);
  });

  test('an answer whose reader has gone does not count as given', async () => {
    server = await startScriptedModel({ rules: [{ action: { type: 'hold' } }] });
    const { requests, control, baseUrl } = server;
    const controller = new AbortController();
    const headers = { 'x-coppice-call': 'run/3/draft/1' };
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });
    const call = fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body, signal: controller.signal });
    const outcome = expect(call).rejects.toThrow();
    await waitUntil('the request to arrive', () => requests().length === 1);
    controller.abort();
    await outcome;
    // Another request makes sure that the server has noticed.
    await fetch(new URL('/_requests', baseUrl));
    control.release();
    await fetch(new URL('/_requests', baseUrl));
    expect(requests()).toMatchObject([{ status: null }]);
  });
});

test('by hand, it is steered over HTTP, dies when told to, and leaves its record', async () => {
  const record = path.join(root, 'record.jsonl');
  const main = path.join('test', 'scripted-model', 'main.ts');
  child = spawn(process.execPath, ['--import', 'tsx', main, '--record', record], { cwd: PROJECT, stdio: 'pipe' });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitUntil('the address', () => output.includes('Ctrl-C'));
  const baseUrl = /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(output)?.[0] ?? '';
  const rules: RuleInput[] = [{ purpose: 'review', action: { type: 'die' } }];
  await fetch(new URL('/_rules', baseUrl), { method: 'POST', body: JSON.stringify(rules) });
  expect((await post(baseUrl, 'run/3/draft/1')).status).toBe(200);
  expect(await (await fetch(new URL('/_requests', baseUrl))).json()).toMatchObject([{ node: 3, status: 200 }]);
  const exit = once(child, 'exit');
  await expect(post(baseUrl, 'run/3/review/1')).rejects.toThrow();
  expect(await exit).toEqual([null, 'SIGKILL']);
  const lines = (await readFile(record, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'received', call: 'run/3/draft/1' },
    { event: 'answered', call: 'run/3/draft/1', status: 200 },
    { event: 'received', call: 'run/3/review/1' },
  ]);
});
