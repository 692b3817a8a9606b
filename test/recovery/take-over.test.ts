import { setTimeout as sleep } from 'node:timers/promises';
import { executionFileSchema } from '../../src/domain/node-record';
import { isAlive } from '../helpers/is-alive';
import { longScriptSpec, measureTakeOver, plantLongScript } from './long-script';
import type { LongScript } from './long-script';
import { keepServerAway, untilContinued, workerOfForeignServer } from './long-script-events';
import { Scene, soon } from './scene';
import { expectBought, expectWhole } from './whole-run';

jest.setTimeout(240_000);

/** Longer than any test: a script of that length was ended, or let through its gate. */
const FOR_EVER = 3600;

/** In which a cancellation has to reach a script and end its whole tree, in milliseconds; with some for a busy machine. */
const REACHED_MS = 8000;

describe('a running script', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.model.control.clearRules());
  afterAll(() => scene.close());

  it('is taken over after kill -9 of its worker, even when it ends while nobody watches', async () => {
    const worker = await scene.ensureWorker();
    const script = await startScript('killed');
    await worker.kill();
    await script.openGate();
    await scene.ensureWorker();
    await expectTakenOver('killed', script);
  });

  it('is left alone by an orderly shutdown of its worker, and taken over by the next', async () => {
    const worker = await scene.ensureWorker();
    const script = await startScript('restarted');
    worker.signal('SIGTERM');
    expect((await worker.ended).exitCode).toBe(0);
    expect(await script.isAlive()).toBe(true);
    await scene.ensureWorker();
    await sleep(2000);
    expect(await script.isAlive()).toBe(true);
    await script.openGate();
    await expectTakenOver('restarted', script);
  });

  it('is taken over under bubblewrap too', async () => {
    const worker = await scene.ensureWorker();
    scene.model.control.addRules({
      node: 1,
      purpose: 'draft',
      action: { type: 'answer', script: { sleepSeconds: 6 } },
    });
    await scene.start('confined', scene.spec({ steps: 1, isolation: 'bubblewrap', evaluation: 'reported' }));
    await scene.untilFile('confined/nodes/1/process.json');
    await soon('the script runs', async () => (await scene.place.scripts('confined', 1)).length > 0);
    await worker.kill();
    await scene.ensureWorker();
    await expectWhole(scene, 'confined', await scene.untilFinished('confined'), 1);
    const execution: unknown = JSON.parse((await scene.place.read('confined/nodes/1/execution.json')) ?? '');
    expect(executionFileSchema.parse(execution)).toMatchObject({ attempt: 1, isolation: 'bubblewrap', status: 'ok' });
  });

  it('outlives its server, which comes back after the heartbeat would have been missed', async () => {
    await (await scene.ensureWorker()).kill();
    const worker = await workerOfForeignServer(scene);
    const script = await startScript('headless');
    await keepServerAway(scene, 15_000);
    expect(await script.isAlive()).toBe(true);
    await script.openGate();
    await expectTakenOver('headless', script);
    expect(worker.isRunning()).toBe(true);
    await worker.kill();
  });

  it.each(['cancel', 'stop'])('is ended by coppice %s, with what started a session of its own', async (verb) => {
    const runId = `ended-by-${verb}`;
    await scene.ensureWorker();
    const script = await startScript(runId);
    const command = scene.place.run([verb, runId]);
    await expectEnded(script);
    expect((await command).exitCode).toBe(0);
    expect(await script.starts()).toHaveLength(1);
    await scene.untilStatus(runId, verb === 'cancel' ? 'CANCELED' : 'COMPLETED');
    expect(await scene.place.scripts(runId)).toEqual([]);
  });

  it('is ended when its run is terminated from outside', async () => {
    await scene.ensureWorker();
    const script = await startScript('terminated');
    await scene.place.temporal(['workflow', 'terminate', '--workflow-id', 'terminated', '--reason', 'a test']);
    await expectEnded(script);
  });

  it('is ended by the next worker when its run was terminated while there was none', async () => {
    const worker = await scene.ensureWorker();
    const script = await startScript('abandoned');
    await worker.kill();
    await scene.place.temporal(['workflow', 'terminate', '--workflow-id', 'abandoned', '--reason', 'a test']);
    expect(await script.isAlive()).toBe(true);
    await scene.ensureWorker();
    await expectEnded(script);
  });

  it('goes on across three continuations of its run', async () => {
    await (await scene.ensureWorker()).kill();
    const worker = scene.place.coppice(['worker', '--slots', '2'], { COPPICE_DRAIN_EVENTS: '60' });
    await worker.waitFor(/warnings in/);
    const script = await startScript('continued', { steps: 200, parallel: 2 });
    await untilContinued(scene, 'continued', 3);
    expect(await script.isAlive()).toBe(true);
    await script.openGate();
    const run = await scene.untilFinished('continued');
    await worker.kill();
    expect(run.state).toMatchObject({ state: 'finished', stopReason: 'target', best: { id: 1, metric: 0 } });
    expect(await measureTakeOver(scene, 'continued', script)).toMatchObject({ starts: 1, attempt: 1 });
    expectBought(scene, 'continued');
  });

  async function startScript(runId: string, more: Readonly<Record<string, unknown>> = {}): Promise<LongScript> {
    const script = plantLongScript(scene, { runId, seconds: FOR_EVER });
    await scene.start(runId, longScriptSpec(scene, more));
    await script.untilStarted();
    return script;
  }

  async function expectTakenOver(runId: string, script: LongScript): Promise<void> {
    const run = await scene.untilFinished(runId);
    const takeOver = await measureTakeOver(scene, runId, script);
    expect(takeOver).toMatchObject({ starts: 1, attempt: 1 });
    expect(takeOver.secondsMore).toBeLessThan(15);
    expectBought(scene, runId);
    await expectWhole(scene, runId, run, 1);
  }

  /** The whole tree ends within the time that a cancellation may take to reach it. */
  async function expectEnded(script: LongScript): Promise<void> {
    const begun = Date.now();
    await soon('the script and its child have ended', async () => !(await script.isAlive()));
    expect(Date.now() - begun).toBeLessThan(REACHED_MS);
    for (const { pids } of await script.starts()) expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
  }
});
