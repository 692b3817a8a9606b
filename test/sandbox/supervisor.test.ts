import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { startSupervisor } from '../../src/sandbox/supervised-script';
import { isAlive } from '../helpers/is-alive';
import { waitUntil } from '../helpers/wait-until';
import { SupervisedScene, type SupervisedScript } from './supervised-scene';

let scene: SupervisedScene;

beforeEach(async () => {
  scene = await SupervisedScene.open();
});

afterEach(() => scene.close());

/** Pids that a script printed, one a line. */
async function printedPids(script: SupervisedScript): Promise<number[]> {
  return (await scene.outputOf(script)).split('\n').filter(Boolean).map(Number);
}

const DAEMON = `
import os, signal, sys, time
def daemon(body):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            print(os.getpid(), flush=True)
            body()
        os._exit(0)
    os.wait()
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
`;

describe('a supervised script', () => {
  it('reports its exit status, its time and its output', async () => {
    const result = await scene.run('import sys, time; time.sleep(0.3); print("metric: 0.5"); sys.exit(3)');
    expect(result).toMatchObject({
      end: 'exit',
      exitCode: 3,
      signal: null,
      message: '',
      limitSeconds: 60,
      outputBytes: 12,
      resultLines: ['metric: 0.5'],
      tail: 'metric: 0.5\n',
      memoryKills: false,
    });
    expect(result.seconds).toBeGreaterThan(0.3);
    expect(Date.parse(result.finishedAt) - Date.parse(result.startedAt)).toBeGreaterThanOrEqual(300);
  });

  it('reports the signal that ended it', async () => {
    const result = await scene.run('import os; os.kill(os.getpid(), 11)');
    expect(result).toMatchObject({ end: 'exit', exitCode: null, signal: 'SIGSEGV' });
  });

  it('reports a command that cannot be executed', async () => {
    const result = await scene.run('', { command: ['/nowhere/python', 'solution.py'] });
    expect(result).toMatchObject({ end: 'not_started', exitCode: null, signal: null });
    expect(result.message).toMatch(/\/nowhere\/python could not be started: .*No such file/);
  });

  it('starts once, however often its supervisor is started', async () => {
    const script = await scene.make(`open('starts', 'a').write('x'); import time; time.sleep(1)`);
    await Promise.all([1, 2, 3].map(() => startSupervisor(scene.pythonPath, script.control)));
    await scene.resultOf(script);
    await startSupervisor(scene.pythonPath, script.control);
    expect(await readFile(path.join(script.directory, 'starts'), 'utf8')).toBe('x');
  });

  it('has its own environment, an empty input and a session of its own, and no file of its supervisor', async () => {
    const script = await scene.start(
      `import os, sys
print(sorted(os.environ))
print(repr(sys.stdin.read()), os.getsid(0) == os.getpid(), os.getcwd())
print(sorted({os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd') if int(fd) > 2 and os.path.exists(f'/proc/self/fd/{fd}')}))
import signal
print(signal.getsignal(signal.SIGHUP) == signal.SIG_DFL, signal.pthread_sigmask(signal.SIG_BLOCK, []))
import resource
print(resource.getrlimit(resource.RLIMIT_CORE))`,
      { environment: { PATH: '/usr/bin:/bin', MARK: 'x' } },
    );
    await scene.resultOf(script);
    const lines = (await scene.outputOf(script)).split('\n');
    expect(lines[0]).toBe("['COPPICE_ATTEMPT', 'CUDA_VISIBLE_DEVICES', 'LC_CTYPE', 'MARK', 'PATH']");
    expect(lines[1]).toBe(`'' True ${script.directory}`);
    expect(lines[2]).toBe('[]');
    expect(lines[3]).toBe('True set()');
    expect(lines[4]).toBe('(0, 0)');
  });

  it('dies at its limit with everything that it started, also daemons and what ignores SIGTERM', async () => {
    const script = await scene.start(
      `${DAEMON}
daemon(lambda: time.sleep(600))
daemon(stubborn)
print(os.getpid(), flush=True)
stubborn()`,
      { limitSeconds: 1.5, graceSeconds: 1 },
    );
    const result = await scene.resultOf(script);
    expect(result).toMatchObject({ end: 'limit', signal: 'SIGKILL', limitSeconds: 1.5 });
    expect(result.message).toBe('the script was ended at its limit of 1.5 s');
    expect(result.seconds).toBeGreaterThan(2.4);
    expect(result.seconds).toBeLessThan(10);
    const pids = await printedPids(script);
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  });

  it('takes what it leaves behind along when it ends', async () => {
    const script = await scene.start(`${DAEMON}\ndaemon(stubborn)`, { graceSeconds: 0.5 });
    const result = await scene.resultOf(script);
    expect(result).toMatchObject({ end: 'exit', exitCode: 0 });
    const [pid] = await printedPids(script);
    expect(await isAlive(Number(pid))).toBe(false);
  });

  it.each([
    ['lists no children of a process', 'supervision.processes.children_are_listed = lambda: False'],
    [
      'lets nobody adopt orphans and shows processes by ps alone',
      `
identity = supervision.system.own_identity()
supervision.system.own_identity = lambda: identity
supervision.system.LINUX = False
supervision.processes.children_are_listed = lambda: False`,
    ],
  ])('dies at its limit with what it started also on a system that %s', async (_, change) => {
    const source = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    if os.fork() > 0: os._exit(0)
with open(f'pid-{os.getpid()}', 'w'): pass
time.sleep(600)`;
    const spec = { limitSeconds: 1.5, graceSeconds: 0.5, memoryBytes: 1e9, processes: 100, diskBytes: 1e9 };
    const result = await scene.runChanged(change, source, spec);
    expect(result).toMatchObject({ end: 'limit', signal: 'SIGKILL' });
    const directories = (await readdir(scene.root)).filter((name) => /^script-\w+$/.test(name));
    const names = await readdir(path.join(scene.root, String(directories[0])));
    const pids = names.flatMap((name) => (name.startsWith('pid-') ? [Number(name.slice(4))] : []));
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  });

  it('can use its grace to end in order', async () => {
    const result = await scene.run(
      `import signal, sys, time
def leave(*_):
    time.sleep(0.5)
    print('saved')
    sys.exit(7)
signal.signal(signal.SIGTERM, leave)
time.sleep(600)`,
      { limitSeconds: 1 },
    );
    expect(result).toMatchObject({ end: 'limit', exitCode: 7, tail: 'saved\n' });
  });

  it('that is frozen dies at its limit too, and cannot freeze its supervisor', async () => {
    const result = await scene.run(
      `import os, signal
guard = os.getppid()
supervisor = int(open(f'/proc/{guard}/stat').read().rpartition(')')[2].split()[1])
for pid in (guard, supervisor, os.getpid()): os.kill(pid, signal.SIGSTOP)`,
      { limitSeconds: 2 },
    );
    expect(result).toMatchObject({ end: 'limit', signal: 'SIGTERM' });
    expect(result.seconds).toBeLessThan(10);
  });

  it('does not run past the time after which nothing may', async () => {
    const result = await scene.run('import time; time.sleep(600)', { endBefore: Date.now() / 1000 + 2 });
    expect(result).toMatchObject({ end: 'limit', signal: 'SIGTERM' });
    expect(result.limitSeconds).toBeLessThanOrEqual(2);
    const late = await scene.run('print("ran")', { endBefore: Date.now() / 1000 - 1 });
    expect(late).toMatchObject({ end: 'no_time', exitCode: null, outputBytes: 0, seconds: 0 });
    expect(late.message).toBe('no time was left when the script could start');
  });

  it('goes on when the terminal closes or Ctrl-C is pressed', async () => {
    const script = await scene.start('import time; print("up", flush=True); time.sleep(1.5); print("done")');
    await scene.waitForOutput(script, 'up');
    const { pid } = JSON.parse(await readFile(path.join(script.control, 'supervisor.json'), 'utf8')) as { pid: number };
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.kill(pid, signal);
    expect(await scene.resultOf(script)).toMatchObject({ end: 'exit', exitCode: 0, tail: 'up\ndone\n' });
  });

  it('that removes its directory and the one of its supervisor still has a result', async () => {
    const script = await scene.start(
      `import os, shutil
here = os.getcwd()
shutil.rmtree(here)
shutil.rmtree(here + '.ctl')
print('metric: 1')`,
      { diskBytes: 1e9 },
    );
    await waitUntil('there is a result', async () => {
      const names = await readdir(script.control).catch((): string[] => []);
      return names.includes('result.json');
    });
    expect(await scene.resultOf(script)).toMatchObject({ end: 'exit', exitCode: 0, resultLines: ['metric: 1'] });
  });

  it('leaves no process, no control group and no file but those of the contract', async () => {
    const script = await scene.start('print(1)', { memoryBytes: 1e9, processes: 100 });
    const { pid } = JSON.parse(await readFile(path.join(script.control, 'supervisor.json'), 'utf8')) as { pid: number };
    await scene.resultOf(script);
    await waitUntil('the supervisor is gone', async () => !(await isAlive(pid)));
    expect((await readdir(script.control)).sort()).toEqual([
      'lock',
      'output.log',
      'result.json',
      'spec.json',
      'started.json',
      'supervisor.json',
      'supervisor.log',
    ]);
    expect(await readFile(path.join(script.control, 'supervisor.log'), 'utf8')).toBe('');
    expect(await controlGroups(pid)).toEqual([]);
  });
});

async function controlGroups(pid: number): Promise<string[]> {
  const names = await readdir('/sys/fs/cgroup', { recursive: true }).catch((): string[] => []);
  return names.filter((name) => path.basename(name) === `coppice-${pid}`);
}
