import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createNotify } from '../../src/activities/notify';
import { runNotifyCommand } from '../../src/activities/run-notify-command';
import type { NotifyInput } from '../../src/domain/notice';
import { noticeSchema, noticesFileSchema } from '../../src/domain/notice';
import { NO_USAGE } from '../../src/domain/usage';
import { noticeLines } from '../../src/report/notice-lines';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeRun } from '../helpers/run-fixture';
import { isAlive } from '../helpers/is-alive';
import { waitUntil } from '../helpers/wait-until';

let root: string;
let store: ArtifactStore;
let hook: Server;
let answer: number;
let posted: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];

beforeAll(async () => {
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      posted.push({ url: request.url ?? '', headers: request.headers, body });
      response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end('thanks');
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise((resolve) => hook.close(resolve)));

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-notify-'));
  store = createDirectoryStore(root);
  answer = 200;
  posted = [];
  await writeRun(store, { runId: 'run', nodes: [{ id: 1, metric: 549.5 }] });
});

afterEach(() => rm(root, { recursive: true }));

function webhook(secret = 'T0PSECRET'): string {
  return `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hooks/${secret}`;
}

function input(more: Partial<NotifyInput>): NotifyInput {
  return {
    runId: 'run',
    event: 'new_best',
    at: Date.parse('2026-01-02T03:04:05Z'),
    steps: { done: 3, total: 20 },
    nodes: { working: 2, failed: 1, inFlight: 1 },
    best: { id: 1, metric: 549.5 },
    usage: NO_USAGE,
    elapsedMs: 61_000,
    pauseReason: null,
    stopReason: null,
    failureType: null,
    way: 'webhook',
    notify: { webhook: webhook(), on: ['new_best'] },
    opened: true,
    ...more,
  };
}

async function tell(
  wanted: NotifyInput,
  attempt = 1,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const mock = new MockActivityEnvironment({ attempt });
  await mock.run(createNotify({ store, environment: { PATH: process.env['PATH'], ...environment } }), wanted);
}

function counted(way: 'command' | 'webhook') {
  return readJson(store, runKeys('run').notices(way), noticesFileSchema);
}

test('a webhook gets the notice as it is documented', async () => {
  await tell(input({}));

  expect(posted).toHaveLength(1);
  expect(posted[0]).toMatchObject({ url: '/hooks/T0PSECRET', headers: { 'content-type': 'application/json' } });
  const notice = noticeSchema.parse(JSON.parse(posted[0]?.body ?? ''));
  expect(notice).toMatchObject({
    event: 'new_best',
    runId: 'run',
    metric: 'rmse',
    direction: 'minimize',
    elapsedSeconds: 61,
  });
  expect(notice.text).toBe('run: new best rmse 549.5 (node 1), 3 of 20 steps');
  expect(await counted('webhook')).toMatchObject({ sent: 1, failed: 0, lastFailure: null });
});

test.each([
  [
    { event: 'paused' as const, pauseReason: 'model_key' as const },
    'run: paused (model_key), best rmse 549.5 (node 1), 3 of 20 steps',
  ],
  [
    { event: 'finished' as const, stopReason: 'steps' as const },
    'run: finished, all steps were made: best rmse 549.5 (node 1), 3 of 20 steps',
  ],
  [
    { event: 'finished' as const, stopReason: 'time' as const, best: null },
    'run: finished, the time was used up: no working solution, 3 of 20 steps',
  ],
  [{ event: 'failed' as const, failureType: 'InvalidTask', opened: false }, 'run: failed (InvalidTask), 3 of 20 steps'],
])('the text of %j', async (more, text) => {
  await tell(input(more));

  expect(noticeSchema.parse(JSON.parse(posted[0]?.body ?? '')).text).toBe(text);
});

test('a refusal is final, another failure is tried again, and only the last one counts; no message holds the address', async () => {
  answer = 404;
  await expect(tell(input({}))).rejects.toThrow(/answered 404$/);
  answer = 500;
  await expect(tell(input({}))).rejects.toMatchObject({ nonRetryable: false });
  expect(await counted('webhook')).toMatchObject({ sent: 0, failed: 1 });
  await expect(tell(input({}), 3)).rejects.toMatchObject({ nonRetryable: true });

  const file = await counted('webhook');
  expect(file).toMatchObject({ failed: 2, lastFailure: { event: 'new_best' } });
  expect(await noticeLines(store, 'run')).toEqual([
    expect.stringMatching(
      /^0 notices by webhook, 2 failed; last at 2026-01-02T03:04:05.000Z \(new_best\): the webhook at /,
    ),
  ]);
  expect(file?.lastFailure?.message).toMatch(/^the webhook at 127\.0\.0\.1:\d+ answered 500$/);
  // What went wrong last stays known when the next notice arrives.
  answer = 200;
  await tell(input({}));
  expect(await counted('webhook')).toMatchObject({ sent: 1, failed: 2, lastFailure: file?.lastFailure });
});

test.each([408, 425, 429, 503])('an answer %i may be another one next time', async (status) => {
  answer = status;

  await expect(tell(input({}))).rejects.toMatchObject({ nonRetryable: false });
});

test('a command that reads nothing of its input is fine', async () => {
  const noticeOfMuch = { ...input({}), runId: 'x'.repeat(1_000_000), opened: false };

  await tell({ ...noticeOfMuch, way: 'command', notify: { command: ['true'], on: ['new_best'] } });
});

test('a command ends with the run that it tells of', async () => {
  const leaving = new AbortController();
  const started = path.join(root, 'started');
  const notice = noticeSchema.parse(JSON.parse(await bodyOf(input({}))));
  const running = runNotifyCommand(['sh', '-c', `touch ${started}; sleep 600`], notice, {
    environment: { PATH: process.env['PATH'] },
    signal: leaving.signal,
    limitMs: 60_000,
  });
  const ended = expect(running).rejects.toThrow('ended by SIGKILL');
  await waitUntil('it runs', () => existsSync(started));
  leaving.abort();

  await ended;
});

test('a redirection is not followed, and a host that is not there is told by its code alone', async () => {
  answer = 302;
  await expect(tell(input({}))).rejects.toThrow('answered 302');
  expect(posted.map(({ url }) => url)).toEqual(['/hooks/T0PSECRET']);
  const nowhere = input({ notify: { webhook: 'http://127.0.0.1:9/T0PSECRET', on: ['new_best'] } });

  await expect(tell(nowhere)).rejects.toThrow(/^the webhook at 127\.0\.0\.1:9 did not answer: [A-Za-z]+$/);
});

test('a command gets the notice on its input, and no key of the worker', async () => {
  const told = path.join(root, 'told');
  const command = ['sh', '-c', `cat > ${told}; env > ${told}.env`];
  const environment = { OPENAI_API_KEY: 'sk-secret', MY_TOKEN: 'secret', TZ: 'UTC' };
  await tell(input({ way: 'command', notify: { command, on: ['new_best'] } }), 1, environment);

  expect(noticeSchema.parse(JSON.parse(await readFile(told, 'utf8'))).event).toBe('new_best');
  const seen = await readFile(`${told}.env`, 'utf8');
  expect(seen).toContain('TZ=UTC');
  expect(seen).not.toContain('secret');
  expect(await counted('command')).toMatchObject({ sent: 1, failed: 0 });
});

test('a command that fails, that is not there, or that nobody wants here is said to be so', async () => {
  const failing = (command: string[]): NotifyInput => input({ way: 'command', notify: { command, on: ['new_best'] } });
  await expect(tell(failing(['sh', '-c', 'exit 3']))).rejects.toThrow('ended with code 3');
  await expect(tell(failing(['no-such-program']))).rejects.toMatchObject({
    nonRetryable: true,
    message: 'the command could not be started: ENOENT',
  });
  await expect(tell(failing(['true']), 1, { COPPICE_NOTIFY_COMMANDS: 'off' })).rejects.toThrow('runs no commands');
});

test('a command that takes too long is ended with all that it started', async () => {
  const pidFile = path.join(root, 'pid');
  const notice = noticeSchema.parse(JSON.parse(await bodyOf(input({}))));
  const running = runNotifyCommand(['sh', '-c', `sleep 600 & echo $! > ${pidFile}; wait`], notice, {
    environment: { PATH: process.env['PATH'] },
    signal: new AbortController().signal,
    limitMs: 1500,
  });

  await expect(running).rejects.toThrow('ended by SIGKILL');
  const pid = Number(await readFile(pidFile, 'utf8'));
  expect(pid).toBeGreaterThan(1);
  await waitUntil('its child is gone', async () => !(await isAlive(pid)));
});

test('a run whose files are not its own is told of, but not written to', async () => {
  await tell(input({ opened: false, event: 'failed', failureType: 'RunIdInUse' }));

  expect(noticeSchema.parse(JSON.parse(posted[0]?.body ?? ''))).toMatchObject({ metric: null, direction: null });
  expect(await counted('webhook')).toBeNull();
});

async function bodyOf(wanted: NotifyInput): Promise<string> {
  await tell(wanted);
  return posted[0]?.body ?? '';
}
