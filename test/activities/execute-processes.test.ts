import { spawn, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../src/sandbox/attempts';
import { processIdentity } from '../../src/sandbox/process-identity';
import { writeJson } from '../../src/store/json-file';
import { ExecuteFixture, HOST_ID, isAlive, quietEnvironment, RUN_ID } from './execute-fixture';

let fixture: ExecuteFixture;

beforeEach(async () => {
  fixture = await ExecuteFixture.make();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await fixture.remove();
});

/** Processes that tests started beside the scripts; ended after each test, whatever became of it. */
const children: ChildProcess[] = [];

/** A process that sleeps in a group of its own, as a script does. */
function startSleeper(environment: NodeJS.ProcessEnv = process.env): ChildProcess {
  const child = spawn(fixture.pythonPath, ['-c', 'import time; time.sleep(600)'], {
    detached: true,
    stdio: 'ignore',
    env: environment,
  });
  children.push(child);
  return child;
}

const onLinux = process.platform === 'linux' ? it : it.skip;

/** Python that writes the pid of the process it runs in to a file below the root. */
function notePid(name: string): string {
  return `open('${fixture.root}/${name}', 'w').write(str(__import__('os').getpid()) + chr(10))`;
}

async function pidOf(name: string): Promise<number> {
  return Number(await fixture.fileText(name));
}

describe('the limit', () => {
  it('ends a script that ignores SIGTERM, with its frozen child, and says so', async () => {
    const code = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    ${notePid('child')}
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(600)
${notePid('script')}
time.sleep(600)`;
    expect(await fixture.execute(code, { limitMs: 1500 })).toEqual({ status: 'failed', reason: 'timeout' });
    expect(await isAlive(await pidOf('script'))).toBe(false);
    expect(await isAlive(await pidOf('child'))).toBe(false);
    expect(await fixture.execution()).toMatchObject({
      signal: 'SIGKILL',
      message: expect.stringContaining('limit of 1.5 s') as unknown,
    });
  });

  it('lets a script end in its own way at SIGTERM', async () => {
    const code = `import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit(0)))\ntime.sleep(600)`;
    expect(await fixture.execute(code, { limitMs: 1500 })).toEqual({ status: 'failed', reason: 'timeout' });
    expect(await fixture.output()).toBe('saved\n');
    expect(await fixture.execution()).toMatchObject({ exitCode: 0, reason: 'timeout' });
  });

  it('is what the run has left of its time, less the wait in the queue', async () => {
    const environment = quietEnvironment(Date.now() - 58_000);
    const result = await fixture.execute('import time; time.sleep(600)', { budgetMs: 60_000 }, { environment });
    expect(result).toEqual({ status: 'failed', reason: 'timeout' });
    expect((await fixture.execution())?.message).toMatch(/limit of [12](\.\d)? s/);
  });

  it('never counts the wait in the queue against the script', async () => {
    const environment = quietEnvironment(Date.now() - 3_600_000);
    const result = await fixture.execute(`print('metric: 1')`, { limitMs: 30_000 }, { environment });
    expect(result).toEqual({ status: 'ok', metric: 1 });
  });

  it('starts nothing when no time is left', async () => {
    const deadline = new Date(Date.now() - 1000).toISOString();
    expect(await fixture.execute(notePid('script'), { deadline })).toEqual({ status: 'failed', reason: 'timeout' });
    expect(await fixture.execution()).toMatchObject({
      scriptSeconds: 0,
      message: expect.stringContaining('no time was left') as unknown,
    });
    expect(await fixture.output()).toBe('');
    expect(await readdir(fixture.root)).not.toContain('script');
  });
});

describe('what a script leaves behind is ended', () => {
  it('a child in its process group that holds the output open', async () => {
    const code = `
import subprocess, sys
subprocess.Popen([sys.executable, '-c', "${notePid('child')}; __import__('time').sleep(600)"])
while True:
    try: open('${fixture.root}/child').read()[0]; break
    except (OSError, IndexError): pass
print('metric: 1')`;
    expect(await fixture.execute(code)).toEqual({ status: 'ok', metric: 1 });
    expect(await isAlive(await pidOf('child'))).toBe(false);
  });

  onLinux('a grandchild in a session of its own, at the limit', async () => {
    const code = `
import subprocess, sys, time
subprocess.Popen([sys.executable, '-c', "${notePid('child')}; __import__('time').sleep(600)"], start_new_session=True)
time.sleep(600)`;
    expect(await fixture.execute(code, { limitMs: 3000 })).toEqual({ status: 'failed', reason: 'timeout' });
    expect(await isAlive(await pidOf('child'))).toBe(false);
  });

  onLinux('a daemon that forked twice, ignores SIGTERM and closed nothing', async () => {
    const code = `
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ${notePid('daemon')}
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists('${fixture.root}/daemon'): time.sleep(0.02)
print('metric: 2')`;
    expect(await fixture.execute(code)).toEqual({ status: 'ok', metric: 2 });
    expect(await isAlive(await pidOf('daemon'))).toBe(false);
  });
});

describe('cancelling', () => {
  it.each(['CANCELLED', 'WORKER_SHUTDOWN', 'NOT_FOUND', 'TIMED_OUT'] as const)(
    'for the reason %s ends the script, stores no execution and passes the cancellation on',
    async (reason) => {
      const environment = quietEnvironment();
      const running = fixture.execute(`${notePid('script')}\nimport time\ntime.sleep(600)`, {}, { environment });
      running.catch(() => undefined);
      const pid = await pidOf('script');
      environment.cancel(reason);
      await expect(running).rejects.toMatchObject({ name: 'CancelledFailure', message: reason });
      expect(await isAlive(pid)).toBe(false);
      expect(await fixture.execution()).toBeNull();
      expect(await readdir(path.join(fixture.home, 'work', RUN_ID))).toEqual(['input']);
    },
  );

  it('is followed by a fresh attempt', async () => {
    const environment = quietEnvironment();
    environment.cancel();
    await expect(fixture.execute(`print('metric: 1')`, {}, { environment })).rejects.toThrow('CANCELLED');
    expect(await fixture.execute(`print('metric: 1')`)).toEqual({ status: 'ok', metric: 1 });
  });
});

describe('a later attempt', () => {
  it('ends the script of an attempt that still runs, which then stores nothing', async () => {
    const script = (end: string): string =>
      `${notePid('script')}\nimport time\nif not __import__('os').path.exists('${fixture.root}/second'):\n    ${notePid('second')}\n    time.sleep(600)\n${end}`;
    const first = fixture.execute(script(`print('metric: 1')`));
    const outcome = first.catch((error: unknown) => error);
    const pid = await pidOf('second');
    const second = await fixture.execute(script(`print('metric: 1')`));
    expect(second).toEqual({ status: 'ok', metric: 1 });
    expect(await isAlive(pid)).toBe(false);
    expect(await outcome).toMatchObject({ type: 'AttemptReplaced' });
    expect(await fixture.execution()).toMatchObject({ status: 'ok', attempt: 2 });
    expect(await fixture.process()).toMatchObject({ attempt: 2 });
  });

  it('ends a script whose worker was killed, known by its stored process', async () => {
    const orphan = startSleeper();
    const ended = once(orphan, 'exit');
    await storeProcess(orphan.pid ?? 0, {});
    expect(await fixture.execute(`print('metric: 1')`)).toEqual({ status: 'ok', metric: 1 });
    expect((await ended)[1]).toBe('SIGTERM');
    expect(await fixture.process()).toMatchObject({ attempt: 8 });
  });

  onLinux('ends a script whose worker was killed before it could note the process down', async () => {
    const token = newToken(fixture.home, RUN_ID, 1);
    const orphan = startSleeper({ COPPICE_ATTEMPT: token });
    const ended = once(orphan, 'exit');
    await once(orphan, 'spawn');
    expect(await fixture.execute(`print('metric: 1')`)).toEqual({ status: 'ok', metric: 1 });
    expect((await ended)[1]).toBe('SIGTERM');
  });

  it.each([
    ['another start time', { startTime: '1' }],
    ['another boot', { bootId: 'an-earlier-boot' }],
    ['another host', { hostId: 'another-host' }],
  ])('never touches a process that has the stored pid but %s', async (_name, differing) => {
    const stranger = startSleeper();
    await storeProcess(stranger.pid ?? 0, differing);
    expect(await fixture.execute(`print('metric: 1')`)).toEqual({ status: 'ok', metric: 1 });
    await sleep(100);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  });

  async function storeProcess(pid: number, differing: object): Promise<void> {
    const identity = await processIdentity(pid);
    await writeJson(fixture.store, fixture.keys.node(1).process, {
      attempt: 7,
      hostId: HOST_ID,
      ...identity,
      token: 'of-attempt-7',
      directory: fixture.attemptDirectory(1, 7),
      startedAt: new Date().toISOString(),
      ...differing,
    });
  }
});
