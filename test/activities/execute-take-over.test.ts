import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecuteDependencies } from '../../src/activities/execute-step';
import { createLocate } from '../../src/activities/locate';
import { controlDirectory } from '../../src/sandbox/attempts';
import { removeAttempts } from '../../src/sandbox/remove-attempt';
import { readSupervision, stopScript, watchScript } from '../../src/sandbox/supervised-script';
import { countOthers } from '../../src/sandbox/survivors';
import { WatchedScripts } from '../../src/sandbox/watched-scripts';
import { writeJson } from '../../src/store/json-file';
import { HOST_ID, isAlive, quietEnvironment, RUN_ID, worked } from './execute-fixture';
import { GATED, GatedScript } from './gated-script';

let script: GatedScript;

beforeEach(async () => {
  script = await GatedScript.make();
});

afterEach(() => script.close());

/** Notes its start and that of a child in a session of its own; neither heeds SIGTERM, and neither ends. */
const STUBBORN = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setsid()
    time.sleep(600)
root = os.path.abspath(os.getcwd()).split('/home/work/')[0]
with open(root + '/child', 'w') as file: file.write('%d\\n' % child)
with open(root + '/starts', 'a') as starts: starts.write('%d\\n' % os.getpid())
time.sleep(600)`;

describe('a watcher that goes', () => {
  it.each([
    ['its worker shuts down', { workerShutdown: true }],
    ['its heartbeat came too late', { timedOut: true }],
    ['its activity is paused', { paused: true }],
    ['its activity is reset', { reset: true }],
  ])('leaves the script running when %s, and says where it is', async (_name, details) => {
    const watcher = script.watch();
    const pid = await script.untilStarted();
    watcher.cancel(details);
    expect(await watcher.outcome).toMatchObject({
      type: 'ScriptDetached',
      details: [{ hostId: HOST_ID, line: expect.any(String) as unknown }],
    });
    expect(await isAlive(pid)).toBe(true);
    expect(await script.fixture.execution()).toBeNull();
  });

  it('ends the script within seconds, with all that it started, when somebody asked for it', async () => {
    const watcher = script.watch({}, {}, STUBBORN);
    const pid = await script.untilStarted();
    const child = Number(await script.fixture.fileText('child'));
    const askedAt = Date.now();
    watcher.cancel({ cancelRequested: true });
    expect(await watcher.outcome).toMatchObject({ name: 'CancelledFailure' });
    expect(Date.now() - askedAt).toBeLessThan(9000);
    expect([await isAlive(pid), await isAlive(child)]).toEqual([false, false]);
    expect(await script.fixture.execution()).toBeNull();
    expect(await script.fixture.leftovers()).toEqual([]);
  });

  it.each([
    ['ends', 'closed', false],
    ['ends', 'unknown', false],
    ['leaves', 'running', true],
    ['leaves', null, true],
  ] as const)(
    '%s the script when the server does not know the activity and calls the run %s',
    async (_verb, chain, lives) => {
      const asked: string[] = [];
      const askChain: ExecuteDependencies['askChain'] = async (runId) => {
        asked.push(runId);
        return chain;
      };
      const watcher = script.watch({}, { askChain });
      const pid = await script.untilStarted();
      watcher.cancel({ notFound: true });
      const outcome = await watcher.outcome;
      expect(outcome).toMatchObject(lives ? { type: 'ScriptDetached' } : { name: 'CancelledFailure' });
      expect(await isAlive(pid)).toBe(lives);
      expect(asked).toEqual([RUN_ID]);
    },
  );
});

describe('a script whose watcher went', () => {
  it.each(['anywhere', 'here'] as const)(
    'is taken over by the next one that looks %s, and never started again',
    async (place) => {
      const first = script.watch();
      const pid = await script.untilStarted();
      first.cancel({ workerShutdown: true });
      await first.outcome;
      const second = script.watch({ place });
      await sleep(500);
      await script.openGate();
      expect(await second.result).toEqual(worked(3));
      expect(await script.pids()).toEqual([pid]);
      expect(await script.fixture.leftovers()).toEqual([]);
    },
  );

  it('ends where it runs when a pause wants that, and what was its own is gone', async () => {
    const first = script.watch();
    const pid = await script.untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    expect(await script.watch({ place: 'here', ends: true }).result).toEqual({ status: 'gone' });
    expect(await isAlive(pid)).toBe(false);
    expect(await script.fixture.execution()).toBeNull();
    expect(await script.fixture.leftovers()).toEqual([]);
    expect(await script.watch({ place: 'here', ends: true }).result).toEqual({ status: 'gone' });
  });

  it('keeps its result when it had ended before a pause wanted that', async () => {
    const first = script.watch();
    await script.untilStarted();
    const { directory } = await script.owner();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    await script.openGate();
    await watchScript(controlDirectory(directory), new AbortController().signal);
    expect(await script.watch({ place: 'here', ends: true }).result).toEqual(worked(3));
  });

  it('may have ended meanwhile: its result is taken', async () => {
    const first = script.watch();
    await script.untilStarted();
    const { directory } = await script.owner();
    first.cancel({ timedOut: true });
    await first.outcome;
    await script.openGate();
    await watchScript(controlDirectory(directory), new AbortController().signal);
    expect(await script.watch({ place: 'here' }).result).toEqual(worked(3));
    expect(await script.pids()).toHaveLength(1);
  });

  it('is taken back by its host under the next attempt number, though another host has made one since', async () => {
    const first = script.watch();
    const pid = await script.untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    const mine = await script.owner();
    await writeJson(script.fixture.store, script.fixture.keys.node(1).process, {
      ...mine,
      attempt: 2,
      hostId: 'other',
      token: 'other',
    });
    const second = script.watch();
    await script.openGate();
    expect(await second.result).toEqual(worked(3));
    expect(await script.fixture.execution()).toMatchObject({ attempt: 3 });
    expect(await script.pids()).toEqual([pid]);
  });

  it('is not taken over when its code is another by now: it is ended, and the new code runs', async () => {
    const first = script.watch();
    const pid = await script.untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    expect(await script.fixture.execute(`print('metric: 8')`)).toEqual(worked(8));
    expect(await isAlive(pid)).toBe(false);
  });

  it('that was stopped on purpose meanwhile begins anew', async () => {
    const first = script.watch();
    await script.untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    await stopScript(controlDirectory((await script.owner()).directory));
    expect(await script.watch({ place: 'here' }).result).toEqual({ status: 'gone' });
    await script.openGate();
    expect(await script.watch().result).toEqual(worked(3));
    expect(await script.pids()).toHaveLength(2);
  });

  it('is found by its host, until its result is stored', async () => {
    const locate = createLocate(script.fixture);
    const where = { runId: RUN_ID, nodeId: 1, variant: 'node' } as const;
    expect(await locate(where)).toEqual({ hostId: null });
    const watcher = script.watch();
    await script.untilStarted();
    expect(await locate(where)).toEqual({ hostId: HOST_ID });
    await script.openGate();
    await watcher.result;
    expect(await locate(where)).toEqual({ hostId: null });
  });
});

it('a host that has nothing of a script says that it is gone, and starts nothing', async () => {
  expect(await script.watch({ place: 'here' }).result).toEqual({ status: 'gone' });
  expect(await script.fixture.process()).toBeNull();
  expect(await script.fixture.leftovers()).toEqual([]);
});

describe('two watchers of one script', () => {
  it('harm nothing: both learn its result', async () => {
    const first = script.watch();
    await script.untilStarted();
    const second = script.watch({ place: 'here' });
    await sleep(500);
    await script.openGate();
    expect(await Promise.all([first.result, second.result])).toEqual([worked(3), worked(3)]);
    expect(await script.pids()).toHaveLength(1);
    expect(await script.fixture.leftovers()).toEqual([]);
  });
});

describe('a script that has been replaced', () => {
  it('is ended by its watcher, and stores nothing', async () => {
    const watcher = script.watch();
    const pid = await script.untilStarted();
    const elsewhere = { ...(await script.owner()), attempt: 2, hostId: 'other', token: 'other' };
    await writeJson(script.fixture.store, script.fixture.keys.node(1).process, elsewhere);
    expect(await watcher.outcome).toMatchObject({ type: 'AttemptReplaced' });
    expect(await isAlive(pid)).toBe(false);
    expect(await script.fixture.execution()).toBeNull();
    expect(await script.fixture.process()).toEqual(elsewhere);
    expect(await script.fixture.leftovers()).toEqual([]);
  });

  it('is not ended for a store that cannot be read for a while', async () => {
    let away = false;
    const read: typeof script.fixture.store.read = (key) =>
      away ? Promise.reject(new Error('the store is away')) : script.fixture.store.read(key);
    const watcher = script.watch({}, { store: { ...script.fixture.store, read } });
    const pid = await script.untilStarted();
    away = true;
    await sleep(5000);
    expect(await isAlive(pid)).toBe(true);
    away = false;
    await script.openGate();
    expect(await watcher.result).toEqual(worked(3));
  });
});

describe('a supervisor that is killed', () => {
  it('takes its script with it, and is the machinery failing, not the script', async () => {
    const watcher = script.watch();
    const pid = await script.untilStarted();
    await killSupervisor();
    expect(await watcher.outcome).toMatchObject({ type: 'SupervisorLost', nonRetryable: false });
    expect(await isAlive(pid)).toBe(false);
    expect(await script.fixture.execution()).toBeNull();
    expect(await script.fixture.leftovers()).toEqual([]);
  });

  it('while nobody watched is told by the next watcher, once', async () => {
    const first = script.watch();
    await script.untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    await killSupervisor();
    expect(await script.watch().outcome).toMatchObject({ type: 'SupervisorLost' });
    await script.openGate();
    expect(await script.watch().result).toEqual(worked(3));
    expect(await script.pids()).toHaveLength(2);
  });

  async function killSupervisor(): Promise<void> {
    const seen = await readSupervision(controlDirectory((await script.owner()).directory));
    if (seen.status !== 'running') throw new Error('the script does not run');
    process.kill(seen.identity.pid, 'SIGKILL');
  }
});

describe('what a host keeps', () => {
  it('is removed with the node, but for a script that still runs', async () => {
    const watcher = script.watch();
    const pid = await script.untilStarted();
    await removeAttempts(script.fixture.home, RUN_ID, 1);
    expect(await isAlive(pid)).toBe(true);
    expect(await script.fixture.leftovers()).toEqual(['1-1', '1-1.ctl']);
    await script.openGate();
    expect(await watcher.result).toEqual(worked(3));
  });
});

describe('the slots of a host', () => {
  it('count scripts that no permit of this process is held for: survivors, and those taken over', async () => {
    const watched = new WatchedScripts();
    const first = script.watch({}, { watched: new WatchedScripts() });
    await script.untilStarted();
    expect(await countOthers(script.fixture.home, watched)).toBe(1);
    first.cancel({ workerShutdown: true });
    await first.outcome;
    const second = script.watch({ place: 'here' }, { watched });
    await sleep(500);
    expect(await countOthers(script.fixture.home, watched)).toBe(1);
    await script.openGate();
    await second.result;
    expect(await countOthers(script.fixture.home, watched)).toBe(0);
  });

  it('do not count one that came by the queue of all hosts twice', async () => {
    const watched = new WatchedScripts();
    const activity = quietEnvironment(Date.now(), 'coppice-exec');
    const result = script.fixture.execute(GATED, {}, { activity, watched });
    await script.untilStarted();
    expect(await countOthers(script.fixture.home, watched)).toBe(0);
    await script.openGate();
    await result;
  });
});
