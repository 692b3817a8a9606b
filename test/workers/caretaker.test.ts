import type { ExecuteDependencies } from '../../src/activities/execute-step';
import type { StateFile } from '../../src/domain/run-files';
import { NO_USAGE } from '../../src/domain/usage';
import { controlDirectory, listLocalRuns } from '../../src/sandbox/attempts';
import { watchScript } from '../../src/sandbox/supervised-script';
import { WatchedScripts } from '../../src/sandbox/watched-scripts';
import { writeJson } from '../../src/store/json-file';
import { endUselessScripts, removeOverRuns } from '../../src/workers/caretaker';
import { isAlive, RUN_ID, worked } from '../activities/execute-fixture';
import { GatedScript } from '../activities/gated-script';

let script: GatedScript;

beforeEach(async () => {
  script = await GatedScript.make();
});

afterEach(() => script.close());

const STATE: StateFile = {
  format: 1,
  state: 'running',
  pause: null,
  stopReason: null,
  wentOnAfter: 0,
  pruned: [],
  stepsTotal: 20,
  extendedSteps: 0,
  extendedSeconds: 0,
  extendedTokens: 0,
  extendedCostUsd: 0,
  extendedDiskBytes: 0,
  nodes: { working: 1, failed: 0, inFlight: 0 },
  best: null,
  selection: null,
  usage: NO_USAGE,
  elapsedSeconds: 1,
  updatedAt: new Date(0).toISOString(),
};

const end = (more: Partial<ExecuteDependencies> = {}): Promise<void> =>
  endUselessScripts(script.fixture.dependencies(more));

async function leave(): Promise<number> {
  const watcher = script.watch();
  const pid = await script.untilStarted();
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
  expect(await script.fixture.leftovers()).toEqual([]);
});

it('ends a script whose node belongs to another attempt', async () => {
  const pid = await leave();
  await writeJson(script.fixture.store, script.fixture.keys.node(1).process, {
    ...(await script.owner()),
    token: 'other',
  });
  await end();
  expect(await isAlive(pid)).toBe(false);
  expect(await script.fixture.leftovers()).toEqual([]);
});

it('ends a script whose node is recorded', async () => {
  const pid = await leave();
  await script.fixture.store.write(script.fixture.keys.node(1).record, '{}');
  await end();
  expect(await isAlive(pid)).toBe(false);
});

it('leaves what is watched here to its watcher, and all when the store does not answer', async () => {
  const watched = new WatchedScripts();
  const watcher = script.watch({}, { watched });
  const pid = await script.untilStarted();
  await end({ watched, askChain: async () => 'closed' });
  const read: typeof script.fixture.store.read = () => Promise.reject(new Error('the store is away'));
  await end({ store: { ...script.fixture.store, read, exists: read as never }, askChain: async () => 'closed' });
  expect(await isAlive(pid)).toBe(true);
  await script.openGate();
  expect(await watcher.result).toEqual(worked(3));
});

it('removes the data of a run that is over, and nothing of one that goes on', async () => {
  await script.fixture.execute(`print('metric: 1')`);
  const write = (state: 'running' | 'finished'): Promise<void> =>
    writeJson(script.fixture.store, script.fixture.keys.state, { ...STATE, state });
  await write('running');
  await removeOverRuns(script.fixture);
  expect(await listLocalRuns(script.fixture.home)).toEqual([RUN_ID]);
  await write('finished');
  await removeOverRuns(script.fixture);
  expect(await listLocalRuns(script.fixture.home)).toEqual([]);
});

it('removes what a result nobody waits for has left', async () => {
  await leave();
  const { directory } = await script.owner();
  await script.openGate();
  await watchScript(controlDirectory(directory), new AbortController().signal);
  await end();
  expect(await script.fixture.leftovers()).toEqual(['1-1', '1-1.ctl']);
  await script.fixture.store.write(script.fixture.keys.node(1).record, '{}');
  await end();
  expect(await script.fixture.leftovers()).toEqual([]);
});
