import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environmentFileSchema, runFileSchema, type RunFile } from '../../src/domain/run-files';
import { FailureType } from '../../src/domain/failure-type';
import { pythonFor, recordEnvironment } from '../../src/sandbox/python-for';
import type { EnvironmentHost } from '../../src/sandbox/task-environment';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { readSettings } from '../../src/workers/settings';
import { isAlive } from '../helpers/is-alive';
import { makeWheel } from '../helpers/make-wheel';
import { writeRun } from '../helpers/run-fixture';
import { waitUntil } from '../helpers/wait-until';
import { realPython } from './real-python';

/** Where set-up keeps uv, when it had to get one; with venv and pip instead the tests are slow. */
const SETUP_TOOLS = path.join(readSettings(process.env).home, 'tools', 'bin');

const never = new AbortController().signal;

let root: string;
let host: EnvironmentHost;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-environment-'));
  host = hostAt('home');
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** A worker's machine whose installers can reach no index. */
function hostAt(home: string, searched = `${SETUP_TOOLS}:${process.env['PATH'] ?? ''}`): EnvironmentHost {
  const environment = { PATH: searched, HOME: root, PIP_NO_INDEX: '1', UV_OFFLINE: '1', OPENAI_API_KEY: 'secret' };
  const store = createDirectoryStore(path.join(root, 'runs'));
  return { store, home: path.join(root, home), pythonPath: realPython(), environment };
}

/** A machine whose uv is this shell script. */
async function hostWithUv(script: string): Promise<EnvironmentHost> {
  await mkdir(path.join(root, 'bin'));
  await writeFile(path.join(root, 'bin', 'uv'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return hostAt('home-with-fake-uv', `${root}/bin:/usr/bin:/bin`);
}

/** A run whose task brings these files along as its requirements, `requirements.txt` the first of them. */
async function runWith(runId: string, files: Readonly<Record<string, string>>, python: string | null = null) {
  const keys = runKeys(runId);
  await writeRun(host.store, { runId, state: null });
  for (const [name, text] of Object.entries(files)) await host.store.write(`${keys.task}/requirements/${name}`, text);
  const run = await readJson(host.store, keys.run, runFileSchema);
  const requirements = Object.keys(files).length === 0 ? null : 'requirements/requirements.txt';
  return { ...run, task: { ...run?.task, requirements, python } } as RunFile;
}

async function runWithWheel(runId: string, answer: number): Promise<RunFile> {
  const run = await runWith(runId, { 'requirements.txt': './wheels/greeting-1.0-py3-none-any.whl\n' });
  const name = makeWheel(path.join(root, 'wheels', runId), 'greeting', '1.0', `ANSWER = ${answer}\n`);
  await host.store.writeFile(
    `${runKeys(runId).task}/requirements/wheels/${name}`,
    path.join(root, 'wheels', runId, name),
  );
  return run;
}

function answerOf(python: string): string {
  const program = ['-c', 'import greeting; print(greeting.ANSWER)'];
  return execFileSync(python, program, { encoding: 'utf8' }).trim();
}

test('a task that asks for nothing runs with the pinned environment, and nothing is made', async () => {
  const run = await runWith('plain', {});
  await recordEnvironment(host, run, never);
  expect(await pythonFor(host, run, never)).toBe(host.pythonPath);
  expect(await host.store.exists(runKeys('plain').environment)).toBe(false);
  await expect(readdir(host.home)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('requirements get an environment of their own, made once for the same content', async () => {
  const run = await runWithWheel('first', 41);
  await recordEnvironment(host, run, never);
  const python = await pythonFor(host, run, never);
  expect(answerOf(python)).toBe('41');
  const recorded = await readJson(host.store, runKeys('first').environment, environmentFileSchema);
  expect(recorded?.packages).toMatchObject({ greeting: '1.0' });
  expect(recorded?.packages).not.toHaveProperty('pandas');

  expect(await pythonFor(host, await runWithWheel('second', 41), never)).toBe(python);
  const other = await pythonFor(host, await runWithWheel('third', 42), never);
  expect(answerOf(other)).toBe('42');
  expect(answerOf(python)).toBe('41');
});

test('without uv the environment is made by venv and pip', async () => {
  const bare = hostAt('home-without-uv', '/usr/bin:/bin');
  expect(answerOf(await pythonFor(bare, await runWithWheel('by-pip', 7), never))).toBe('7');
  const [log = ''] = (await readdir(path.join(bare.home, 'environments'))).filter((name) => name.endsWith('.log'));
  expect(await readFile(path.join(bare.home, 'environments', log), 'utf8')).toContain('-m venv');
});

test('workers that need the same environment at the same time make it once', async () => {
  const run = await runWithWheel('together', 5);
  const pythons = await Promise.all([1, 2, 3].map(() => pythonFor(host, run, never)));
  expect(new Set(pythons).size).toBe(1);
  const [environment = ''] = (await readdir(path.join(host.home, 'environments'))).filter(
    (name) => !name.includes('.'),
  );
  const made = await readdir(path.join(host.home, 'environments', environment));
  expect(made.filter((name) => name.startsWith('made-'))).toHaveLength(1);
});

test('what a killed worker left half-made is made anew', async () => {
  const run = await runWithWheel('half', 9);
  const first = await pythonFor(host, run, never);
  const environment = path.resolve(first, '..', '..', '..', '..');
  await unlink(path.join(environment, 'environment.json'));
  await rm(path.resolve(first, '..', '..', 'lib'), { recursive: true });
  const again = await pythonFor(host, run, never);
  expect(again).not.toBe(first);
  expect(answerOf(again)).toBe('9');
});

test('an installation that fails says what the installer said and where its log is', async () => {
  const run = await runWith('impossible', { 'requirements.txt': 'no-such-package-anywhere==1.0\n' });
  const failure: unknown = await pythonFor(host, run, never).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: FailureType.EnvironmentFailed, nonRetryable: true });
  const { message } = failure as Error;
  expect(message).toMatch(
    /^the packages of the task's requirements.txt could not be installed: .*no-such-package-anywhere/s,
  );
  const log = /whole log is (\S+);/.exec(message)?.[1] ?? '';
  expect(await readFile(log, 'utf8')).toContain('no-such-package-anywhere');
});

test('an installation that is no longer wanted is ended with all that it started', async () => {
  const slow = await hostWithUv(`sleep 60 & echo $! > ${root}/pid; wait`);
  const controller = new AbortController();
  const installing = pythonFor(slow, await runWith('slow', { 'requirements.txt': 'greeting\n' }), controller.signal);
  const outcome = expect(installing).rejects.toThrow('cancelled');
  await waitUntil('the installer', async () => (await readFile(path.join(root, 'pid'), 'utf8').catch(() => '')) !== '');
  controller.abort(new Error('cancelled'));
  await outcome;
  const pid = Number(await readFile(path.join(root, 'pid'), 'utf8'));
  await waitUntil('its end', async () => !(await isAlive(pid)));
});

test("the task's own interpreter is used once it has shown that it starts", async () => {
  const python = realPython();
  expect(await pythonFor(host, await runWith('own', {}, python), never)).toBe(python);
  const broken = path.join(root, 'broken');
  await writeFile(broken, '#!/bin/sh\necho "no Python here" >&2\nexit 3\n', { mode: 0o755 });
  await expect(pythonFor(host, await runWith('broken', {}, broken), never)).rejects.toMatchObject({
    type: FailureType.EnvironmentFailed,
    message: expect.stringMatching(/^the interpreter \S+broken does not start as Python: .*no Python here/) as string,
  });
  const old = path.join(root, 'old');
  const answer = JSON.stringify({ version: '3.7.17', platform: 'cpython-37-linux-x86_64', base: old });
  await writeFile(old, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  await expect(pythonFor(host, await runWith('old', {}, old), never)).rejects.toMatchObject({
    message: expect.stringContaining('is Python 3.7.17, at least 3.9 is needed') as string,
  });
});

test('installers get the settings of the network and of their own, and no key', async () => {
  const curious = await hostWithUv(`env > ${root}/seen; exit 1`);
  const run = await runWith('curious', { 'requirements.txt': './missing\n' });
  await expect(pythonFor(curious, run, never)).rejects.toMatchObject({ type: FailureType.EnvironmentFailed });
  const seen = await readFile(path.join(root, 'seen'), 'utf8');
  expect(seen).toContain('PIP_NO_INDEX=1');
  expect(seen).toContain('UV_OFFLINE=1');
  expect(seen).not.toContain('secret');
});
