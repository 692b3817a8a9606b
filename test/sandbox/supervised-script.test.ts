import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../../src/sandbox/process-identity';
import {
  readSupervision,
  startSupervisor,
  stopScript,
  watchScript,
  type Outcome,
} from '../../src/sandbox/supervised-script';
import { isAlive } from '../helpers/is-alive';
import { waitUntil } from '../helpers/wait-until';
import { SupervisedScene, type SupervisedScript } from './supervised-scene';

let scene: SupervisedScene;

beforeEach(async () => {
  scene = await SupervisedScene.open();
});

afterEach(() => scene.close());

/** Prints the pids of itself, a child and a daemon in a session of its own, none of which ends by itself. */
const FAMILY = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def report_and_sleep():
    print(os.getpid(), flush=True)
    time.sleep(600)
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: report_and_sleep()
        os._exit(0)
    os.wait()
    report_and_sleep()
time.sleep(0.3)
report_and_sleep()`;

async function startFamily(): Promise<{ readonly script: SupervisedScript; readonly pids: readonly number[] }> {
  const script = await scene.start(FAMILY, { graceSeconds: 0.5 });
  const printed = async (): Promise<number[]> => (await scene.outputOf(script)).split('\n').filter(Boolean).map(Number);
  await waitUntil('three processes run', async () => (await printed()).length === 3);
  return { script, pids: await printed() };
}

async function supervisorOf({ control }: SupervisedScript): Promise<number> {
  const seen = await readSupervision(control);
  if (seen.status !== 'running') throw new Error(`the supervisor is ${seen.status}`);
  return seen.identity.pid;
}

async function noneAlive(pids: readonly number[]): Promise<boolean> {
  return !(await Promise.all(pids.map(isAlive))).includes(true);
}

/** Pid of the process between supervisor and script. */
async function guardOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')[1]);
}

describe('watching a script', () => {
  it('tells what it is doing, from before its start to its result', async () => {
    const script = await scene.make('import time; print("up", flush=True); time.sleep(1)');
    expect(await readSupervision(script.control)).toEqual({ status: 'unstarted' });
    await startSupervisor(scene.pythonPath, script.control);
    await scene.waitForOutput(script, 'up');
    const running = await readSupervision(script.control);
    expect(running).toMatchObject({ status: 'running', started: { limitSeconds: 60, slot: 0, memoryBy: 'none' } });
    const identity = running.status === 'running' ? running.identity : null;
    expect(await processIdentity(identity?.pid ?? 0)).toEqual(identity);
    const outcome = await watchScript(script.control, new AbortController().signal);
    expect(outcome).toMatchObject({ status: 'ended', result: { end: 'exit', exitCode: 0 } });
    expect(await readSupervision(script.control)).toEqual(outcome);
  });

  it('can be given up and taken over by others; the script goes on', async () => {
    const script = await scene.start('import time; print("up", flush=True); time.sleep(2); print("done")');
    const giveUp = new AbortController();
    const first = watchScript(script.control, giveUp.signal);
    await scene.waitForOutput(script, 'up');
    giveUp.abort(new Error('the watcher goes home'));
    await expect(first).rejects.toThrow('the watcher goes home');
    const others = await Promise.all([scene.resultOf(script), scene.resultOf(script)]);
    for (const result of others) expect(result).toMatchObject({ end: 'exit', tail: 'up\ndone\n' });
  });

  it('sees a supervisor that was killed as lost, and everything of its script has ended', async () => {
    const { script, pids } = await startFamily();
    const watched = watchScript(script.control, new AbortController().signal);
    process.kill(await supervisorOf(script), 'SIGKILL');
    expect(await watched).toEqual({ status: 'lost' });
    await waitUntil('the script has ended', () => noneAlive(pids), 5000);
    expect(await stopScript(script.control)).toBeNull();
    await startSupervisor(scene.pythonPath, script.control);
    expect(await readSupervision(script.control)).toEqual({ status: 'lost' });
  });

  it('sees a supervisor whose guard was killed as lost too', async () => {
    const { script, pids } = await startFamily();
    const watched = watchScript(script.control, new AbortController().signal);
    process.kill(await guardOf(Number(pids.at(-1))), 'SIGKILL');
    expect(await watched).toEqual({ status: 'lost' });
    expect(await noneAlive(pids)).toBe(true);
  });

  it('ends with what a killed guard and supervisor leave, by the token alone', async () => {
    const { script, pids } = await startFamily();
    const guard = await guardOf(Number(pids.at(-1)));
    const supervisor = await supervisorOf(script);
    for (const pid of [guard, supervisor]) process.kill(pid, 'SIGSTOP');
    for (const pid of [guard, supervisor]) process.kill(pid, 'SIGKILL');
    expect(await watchScript(script.control, new AbortController().signal)).toEqual({ status: 'lost' });
    expect(await stopScript(script.control)).toBeNull();
    expect(await noneAlive(pids)).toBe(true);
  });

  it('does not take another process under the same pid, or one before a restart of the machine, for it', async () => {
    const script = await scene.make('');
    const own = await processIdentity(process.pid);
    const identities: readonly (readonly [object, Outcome['status']])[] = [
      [{ ...own, startTime: '1' }, 'lost'],
      [{ ...own, bootId: 'an earlier boot' }, 'rebooted'],
    ];
    for (const [identity, status] of identities) {
      await writeFile(path.join(script.control, 'supervisor.json'), JSON.stringify(identity));
      expect(await watchScript(script.control, new AbortController().signal)).toEqual({ status });
    }
    await rm(path.join(script.control, 'supervisor.json'));
  });

  it('says why a supervisor could not begin', async () => {
    const script = await scene.make('');
    await mkdir(path.join(script.control, 'lock'));
    await expect(startSupervisor(scene.pythonPath, script.control)).rejects.toThrow(/did not begin: .*Is a directory/s);
    await expect(startSupervisor('/nowhere/python', script.control)).rejects.toThrow(/ENOENT/);
    expect(await readSupervision(script.control)).toEqual({ status: 'unstarted' });
  });
});

describe('stopping a script', () => {
  it('ends everything that it started and gives its result, however often', async () => {
    const { script, pids } = await startFamily();
    const results = await Promise.all([stopScript(script.control), stopScript(script.control)]);
    for (const result of results) expect(result).toMatchObject({ end: 'stopped', signal: 'SIGKILL' });
    expect(await noneAlive(pids)).toBe(true);
    expect(await stopScript(script.control)).toEqual(results[0]);
  });

  it('reaches also a supervisor that is frozen', async () => {
    const { script, pids } = await startFamily();
    process.kill(await supervisorOf(script), 'SIGSTOP');
    expect(await stopScript(script.control)).toMatchObject({ end: 'stopped' });
    expect(await noneAlive(pids)).toBe(true);
  });

  it('before it got its slot keeps it from starting', async () => {
    const slots = { leases: { directory: path.join(scene.root, 'leases'), slots: 1 } };
    const first = await scene.start('import time; time.sleep(600)', slots);
    const second = await scene.start('open("ran", "w")', slots);
    await sleep(500);
    expect(await stopScript(second.control)).toMatchObject({ end: 'stopped', exitCode: null, seconds: 0 });
    await expect(readFile(path.join(second.directory, 'ran'))).rejects.toThrow(/ENOENT/);
    await stopScript(first.control);
  });

  it('that never started gives nothing', async () => {
    const script = await scene.make('');
    expect(await stopScript(script.control)).toBeNull();
  });
});
