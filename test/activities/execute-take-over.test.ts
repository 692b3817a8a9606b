import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { ExecuteDependencies } from '../../src/activities/execute-step';
import { createLocate } from '../../src/activities/locate';
import type { ProcessFile } from '../../src/domain/node-record';
import type { StateFile } from '../../src/domain/run-files';
import type { ExecuteInput, ExecuteResult } from '../../src/domain/steps';
import { controlDirectory, listLocalRuns } from '../../src/sandbox/attempts';
import { removeAttempts } from '../../src/sandbox/remove-attempt';
import { readSupervision, stopScript, watchScript } from '../../src/sandbox/supervised-script';
import { countOthers } from '../../src/sandbox/survivors';
import { WatchedScripts } from '../../src/sandbox/watched-scripts';
import { writeJson } from '../../src/store/json-file';
import { endUselessScripts, removeOverRuns } from '../../src/workers/caretaker';
import { ExecuteFixture, HOST_ID, isAlive, quietEnvironment, RUN_ID, worked } from './execute-fixture';

let fixture: ExecuteFixture;

beforeEach(async () => {
  fixture = await ExecuteFixture.make();
});

afterEach(async () => {
  for (const running of await fixture.running()) await stopScript(controlDirectory(running.directory));
  await fixture.remove();
});

const STATE: StateFile = {
  format: 1,
  state: 'running',
  pause: null,
  stopReason: null,
  stepsTotal: 20,
  extendedSteps: 0,
  extendedSeconds: 0,
  nodes: { working: 1, failed: 0, inFlight: 0 },
  best: null,
  selection: null,
  usage: { calls: 0, promptTokens: 0, completionTokens: 0, cachedTokens: 0 },
  elapsedSeconds: 1,
  updatedAt: new Date(0).toISOString(),
};

/** A watcher of a script, as one worker has it. */
interface Watcher {
  readonly activity: MockActivityEnvironment;
  readonly result: Promise<ExecuteResult>;
  /** What became of it: its result, or what it threw. */
  readonly outcome: Promise<unknown>;
  cancel(details: ConstructorParameters<typeof ActivityCancellationDetails>[0]): void;
}

function watch(input: Partial<ExecuteInput> = {}, more: Partial<ExecuteDependencies> = {}, code = GATED): Watcher {
  const activity = quietEnvironment();
  const result = fixture.execute(code, input, { activity, ...more });
  return {
    activity,
    result,
    outcome: result.catch((error: unknown) => error),
    cancel: (details) => activity.cancel('CANCELLED', new ActivityCancellationDetails(details)),
  };
}

/** Notes its start, and ends once it finds a file named `gate` in the directory that holds the store. */
const GATED = `
import os, time
root = os.path.abspath(os.getcwd()).split('/home/work/')[0]
with open(root + '/starts', 'a') as starts: starts.write('%d\\n' % os.getpid())
while not os.path.exists(root + '/gate'): time.sleep(0.02)
print('metric: 3')`;

/** The same with a child in a session of its own; neither heeds SIGTERM. */
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

async function pids(): Promise<number[]> {
  const text = await readFile(path.join(fixture.root, 'starts'), 'utf8').catch(() => '');
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Waits until the script has noted its start that often; the pid of the last. */
async function untilStarted(times = 1): Promise<number> {
  for (let tries = 0; tries < 600; tries += 1) {
    const started = await pids();
    if (started.length >= times) return started[times - 1] ?? 0;
    await sleep(50);
  }
  throw new Error(`the script was not started ${times} times`);
}

async function owner(): Promise<ProcessFile> {
  const process = await fixture.process();
  if (process === null) throw new Error('the node belongs to no attempt');
  return process;
}

const openGate = (): Promise<void> => fixture.write('gate', '');

describe('a watcher that goes', () => {
  it.each([
    ['its worker shuts down', { workerShutdown: true }],
    ['its heartbeat came too late', { timedOut: true }],
    ['its activity is paused', { paused: true }],
    ['its activity is reset', { reset: true }],
  ])('leaves the script running when %s, and says where it is', async (_name, details) => {
    const watcher = watch();
    const pid = await untilStarted();
    watcher.cancel(details);
    expect(await watcher.outcome).toMatchObject({
      type: 'ScriptDetached',
      details: [{ hostId: HOST_ID, line: expect.any(String) as unknown }],
    });
    expect(await isAlive(pid)).toBe(true);
    expect(await fixture.execution()).toBeNull();
  });

  it('ends the script within seconds, with all that it started, when somebody asked for it', async () => {
    const watcher = watch({}, {}, STUBBORN);
    const pid = await untilStarted();
    const child = Number(await fixture.fileText('child'));
    const askedAt = Date.now();
    watcher.cancel({ cancelRequested: true });
    expect(await watcher.outcome).toMatchObject({ name: 'CancelledFailure' });
    expect(Date.now() - askedAt).toBeLessThan(9000);
    expect([await isAlive(pid), await isAlive(child)]).toEqual([false, false]);
    expect(await fixture.execution()).toBeNull();
    expect(await fixture.leftovers()).toEqual([]);
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
      const watcher = watch({}, { askChain });
      const pid = await untilStarted();
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
      const first = watch();
      const pid = await untilStarted();
      first.cancel({ workerShutdown: true });
      await first.outcome;
      const second = watch({ place });
      await sleep(500);
      await openGate();
      expect(await second.result).toEqual(worked(3));
      expect(await pids()).toEqual([pid]);
      expect(await fixture.leftovers()).toEqual([]);
    },
  );

  it('may have ended meanwhile: its result is taken', async () => {
    const first = watch();
    await untilStarted();
    const { directory } = await owner();
    first.cancel({ timedOut: true });
    await first.outcome;
    await openGate();
    await watchScript(controlDirectory(directory), new AbortController().signal);
    expect(await watch({ place: 'here' }).result).toEqual(worked(3));
    expect(await pids()).toHaveLength(1);
  });

  it('is taken back by its host under the next attempt number, though another host has made one since', async () => {
    const first = watch();
    const pid = await untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    const mine = await owner();
    await writeJson(fixture.store, fixture.keys.node(1).process, {
      ...mine,
      attempt: 2,
      hostId: 'other',
      token: 'other',
    });
    const second = watch();
    await openGate();
    expect(await second.result).toEqual(worked(3));
    expect(await fixture.execution()).toMatchObject({ attempt: 3 });
    expect(await pids()).toEqual([pid]);
  });

  it('is not taken over when its code is another by now: it is ended, and the new code runs', async () => {
    const first = watch();
    const pid = await untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    expect(await fixture.execute(`print('metric: 8')`)).toEqual(worked(8));
    expect(await isAlive(pid)).toBe(false);
  });

  it('that was stopped on purpose meanwhile begins anew', async () => {
    const first = watch();
    await untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    await stopScript(controlDirectory((await owner()).directory));
    expect(await watch({ place: 'here' }).result).toEqual({ status: 'gone' });
    await openGate();
    expect(await watch().result).toEqual(worked(3));
    expect(await pids()).toHaveLength(2);
  });

  it('is found by its host, until its result is stored', async () => {
    const locate = createLocate(fixture);
    const where = { runId: RUN_ID, nodeId: 1, variant: 'node' } as const;
    expect(await locate(where)).toEqual({ hostId: null });
    const watcher = watch();
    await untilStarted();
    expect(await locate(where)).toEqual({ hostId: HOST_ID });
    await openGate();
    await watcher.result;
    expect(await locate(where)).toEqual({ hostId: null });
  });
});

it('a host that has nothing of a script says that it is gone, and starts nothing', async () => {
  expect(await watch({ place: 'here' }).result).toEqual({ status: 'gone' });
  expect(await fixture.process()).toBeNull();
  expect(await fixture.leftovers()).toEqual([]);
});

describe('two watchers of one script', () => {
  it('harm nothing: both learn its result', async () => {
    const first = watch();
    await untilStarted();
    const second = watch({ place: 'here' });
    await sleep(500);
    await openGate();
    expect(await Promise.all([first.result, second.result])).toEqual([worked(3), worked(3)]);
    expect(await pids()).toHaveLength(1);
    expect(await fixture.leftovers()).toEqual([]);
  });
});

describe('a script that has been replaced', () => {
  it('is ended by its watcher, and stores nothing', async () => {
    const watcher = watch();
    const pid = await untilStarted();
    const elsewhere = { ...(await owner()), attempt: 2, hostId: 'other', token: 'other' };
    await writeJson(fixture.store, fixture.keys.node(1).process, elsewhere);
    expect(await watcher.outcome).toMatchObject({ type: 'AttemptReplaced' });
    expect(await isAlive(pid)).toBe(false);
    expect(await fixture.execution()).toBeNull();
    expect(await fixture.process()).toEqual(elsewhere);
    expect(await fixture.leftovers()).toEqual([]);
  });

  it('is not ended for a store that cannot be read for a while', async () => {
    let away = false;
    const read: typeof fixture.store.read = (key) =>
      away ? Promise.reject(new Error('the store is away')) : fixture.store.read(key);
    const watcher = watch({}, { store: { ...fixture.store, read } });
    const pid = await untilStarted();
    away = true;
    await sleep(5000);
    expect(await isAlive(pid)).toBe(true);
    away = false;
    await openGate();
    expect(await watcher.result).toEqual(worked(3));
  });
});

describe('a supervisor that is killed', () => {
  it('takes its script with it, and is the machinery failing, not the script', async () => {
    const watcher = watch();
    const pid = await untilStarted();
    await killSupervisor();
    expect(await watcher.outcome).toMatchObject({ type: 'SupervisorLost', nonRetryable: false });
    expect(await isAlive(pid)).toBe(false);
    expect(await fixture.execution()).toBeNull();
    expect(await fixture.leftovers()).toEqual([]);
  });

  it('while nobody watched is told by the next watcher, once', async () => {
    const first = watch();
    await untilStarted();
    first.cancel({ workerShutdown: true });
    await first.outcome;
    await killSupervisor();
    expect(await watch().outcome).toMatchObject({ type: 'SupervisorLost' });
    await openGate();
    expect(await watch().result).toEqual(worked(3));
    expect(await pids()).toHaveLength(2);
  });

  async function killSupervisor(): Promise<void> {
    const seen = await readSupervision(controlDirectory((await owner()).directory));
    if (seen.status !== 'running') throw new Error('the script does not run');
    process.kill(seen.identity.pid, 'SIGKILL');
  }
});

describe('what a host keeps', () => {
  it('is removed with the node, but for a script that still runs', async () => {
    const watcher = watch();
    const pid = await untilStarted();
    await removeAttempts(fixture.home, RUN_ID, 1);
    expect(await isAlive(pid)).toBe(true);
    expect(await fixture.leftovers()).toEqual(['1-1', '1-1.ctl']);
    await openGate();
    expect(await watcher.result).toEqual(worked(3));
  });
});

describe('the slots of a host', () => {
  it('count scripts that no permit of this process is held for: survivors, and those taken over', async () => {
    const watched = new WatchedScripts();
    const first = watch({}, { watched: new WatchedScripts() });
    await untilStarted();
    expect(await countOthers(fixture.home, watched)).toBe(1);
    first.cancel({ workerShutdown: true });
    await first.outcome;
    const second = watch({ place: 'here' }, { watched });
    await sleep(500);
    expect(await countOthers(fixture.home, watched)).toBe(1);
    await openGate();
    await second.result;
    expect(await countOthers(fixture.home, watched)).toBe(0);
  });

  it('do not count one that came by the queue of all hosts twice', async () => {
    const watched = new WatchedScripts();
    const activity = quietEnvironment(Date.now(), 'coppice-exec');
    const result = fixture.execute(GATED, {}, { activity, watched });
    await untilStarted();
    expect(await countOthers(fixture.home, watched)).toBe(0);
    await openGate();
    await result;
  });
});

describe('the caretaker', () => {
  const end = (more: Partial<ExecuteDependencies> = {}): Promise<void> => endUselessScripts(fixture.dependencies(more));

  async function leave(): Promise<number> {
    const watcher = watch();
    const pid = await untilStarted();
    watcher.cancel({ workerShutdown: true });
    await watcher.outcome;
    return pid;
  }

  it.each(['running', 'unknown', null] as const)('leaves a script alone whose run is %s', async (chain) => {
    const pid = await leave();
    await end({ askChain: async () => chain });
    expect(await isAlive(pid)).toBe(true);
  });

  it('ends a script whose run is over', async () => {
    const pid = await leave();
    await end({ askChain: async () => 'closed' });
    expect(await isAlive(pid)).toBe(false);
    expect(await fixture.leftovers()).toEqual([]);
  });

  it('ends a script whose node belongs to another attempt', async () => {
    const pid = await leave();
    await writeJson(fixture.store, fixture.keys.node(1).process, { ...(await owner()), token: 'other' });
    await end();
    expect(await isAlive(pid)).toBe(false);
    expect(await fixture.leftovers()).toEqual([]);
  });

  it('ends a script whose node is recorded', async () => {
    const pid = await leave();
    await fixture.store.write(fixture.keys.node(1).record, '{}');
    await end();
    expect(await isAlive(pid)).toBe(false);
  });

  it('leaves what is watched here to its watcher, and all when the store does not answer', async () => {
    const watched = new WatchedScripts();
    const watcher = watch({}, { watched });
    const pid = await untilStarted();
    await end({ watched, askChain: async () => 'closed' });
    const read: typeof fixture.store.read = () => Promise.reject(new Error('the store is away'));
    await end({ store: { ...fixture.store, read, exists: read as never }, askChain: async () => 'closed' });
    expect(await isAlive(pid)).toBe(true);
    await openGate();
    expect(await watcher.result).toEqual(worked(3));
  });

  it('removes the data of a run that is over, and nothing of one that goes on', async () => {
    await fixture.execute(`print('metric: 1')`);
    const write = (state: 'running' | 'finished'): Promise<void> =>
      writeJson(fixture.store, fixture.keys.state, { ...STATE, state });
    await write('running');
    await removeOverRuns(fixture);
    expect(await listLocalRuns(fixture.home)).toEqual([RUN_ID]);
    await write('finished');
    await removeOverRuns(fixture);
    expect(await listLocalRuns(fixture.home)).toEqual([]);
  });

  it('removes what a result nobody waits for has left', async () => {
    await leave();
    const { directory } = await owner();
    await openGate();
    await watchScript(controlDirectory(directory), new AbortController().signal);
    await end();
    expect(await fixture.leftovers()).toEqual(['1-1', '1-1.ctl']);
    await fixture.store.write(fixture.keys.node(1).record, '{}');
    await end();
    expect(await fixture.leftovers()).toEqual([]);
  });
});
