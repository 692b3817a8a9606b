import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../src/sandbox/attempts';
import { processIdentity } from '../../src/sandbox/process-identity';
import { writeJson } from '../../src/store/json-file';
import { ExecuteFixture, HOST_ID, isAlive, quietEnvironment, RUN_ID, worked } from './execute-fixture';

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
    const activity = quietEnvironment(Date.now() - 50_000);
    const result = await fixture.execute('import time; time.sleep(600)', { budgetMs: 60_000 }, { activity });
    expect(result).toEqual({ status: 'failed', reason: 'timeout' });
    expect((await fixture.execution())?.message).toMatch(/limit of \d(\.\d)? s/);
  });

  it('never counts the wait in the queue against the script', async () => {
    const activity = quietEnvironment(Date.now() - 3_600_000);
    const result = await fixture.execute(`print('metric: 1')`, { limitMs: 30_000 }, { activity });
    expect(result).toEqual(worked(1));
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
    expect(await fixture.execute(code)).toEqual(worked(1));
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
    expect(await fixture.execute(code)).toEqual(worked(2));
    expect(await isAlive(await pidOf('daemon'))).toBe(false);
  });
});

describe('an attempt that begins', () => {
  onLinux('ends what is left of one that was never noted down, known by its token', async () => {
    const token = newToken(fixture.home, { runId: RUN_ID, nodeId: 1, variant: 'node' });
    const orphan = startSleeper({ COPPICE_ATTEMPT: token });
    const ended = once(orphan, 'exit');
    await once(orphan, 'spawn');
    expect(await fixture.execute(`print('metric: 1')`)).toEqual(worked(1));
    expect((await ended)[1]).toBe('SIGTERM');
  });

  onLinux('leaves alone what belongs to another run of the same node', async () => {
    const token = newToken(fixture.home, { runId: RUN_ID, nodeId: 1, variant: 'seed-1' });
    const other = startSleeper({ COPPICE_ATTEMPT: token });
    await once(other, 'spawn');
    expect(await fixture.execute(`print('metric: 1')`)).toEqual(worked(1));
    await sleep(100);
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
  });

  it('takes the number after the one that is stored, and never touches a stranger under the stored pid', async () => {
    const stranger = startSleeper();
    await once(stranger, 'spawn');
    await writeJson(fixture.store, fixture.keys.node(1).process, {
      attempt: 7,
      hostId: HOST_ID,
      ...(await processIdentity(stranger.pid ?? 0)),
      codeHash: 'of an earlier script',
      token: 'of-attempt-7',
      directory: fixture.attemptDirectory(1, 7),
      startedAt: new Date().toISOString(),
    });
    expect(await fixture.execute(`print('metric: 1')`)).toEqual(worked(1));
    expect(await fixture.process()).toMatchObject({ attempt: 8 });
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });
});
