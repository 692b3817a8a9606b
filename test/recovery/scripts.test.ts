import { setTimeout as sleep } from 'node:timers/promises';
import { controlDirectory } from '../../src/sandbox/attempts';
import { readSupervision } from '../../src/sandbox/supervised-script';
import { listSupervised } from '../../src/sandbox/survivors';
import { longScriptSpec, plantLongScript } from './long-script';
import type { LongScript } from './long-script';
import { Scene } from './scene';
import { expectBought, expectWhole } from './whole-run';

jest.setTimeout(240_000);

/** Longer than any test. */
const FOR_EVER = 3600;

describe('the supervisors of a host', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.model.control.clearRules());
  afterAll(() => scene.close());

  it('may be killed once: the script is run again; the second time it counts as the script being killed', async () => {
    await scene.ensureWorker();
    const script = await startScript('killed-twice');
    for (const start of [1, 2]) {
      await script.untilStarted(start);
      await killSupervisor('killed-twice');
    }
    const run = await scene.untilFinished('killed-twice');
    expect(run.nodes).toMatchObject([{ id: 1, status: 'failed', reason: 'killed' }]);
    expect(await script.starts()).toHaveLength(2);
    expect(await script.isAlive()).toBe(false);
    expectBought(scene, 'killed-twice');
  });

  it('keep the slots of their scripts when a worker is killed: the next begins nothing before they have ended', async () => {
    const worker = await scene.ensureWorker();
    const survivor = await startScript('survives');
    await worker.kill();
    await scene.ensureWorker();
    const newcomer = plantLongScript(scene, { runId: 'waits', seconds: FOR_EVER });
    await scene.start('waits', longScriptSpec(scene));
    await scene.untilFile('waits/nodes/1/solution.py');
    await sleep(5000);
    expect(await newcomer.starts()).toEqual([]);
    expect(scene.has('waits/nodes/1/process.json')).toBe(false);
    await survivor.openGate();
    await newcomer.untilStarted();
    await newcomer.openGate();
    await expectWhole(scene, 'survives', await scene.untilFinished('survives'), 1);
    await expectWhole(scene, 'waits', await scene.untilFinished('waits'), 1);
  });

  async function startScript(runId: string): Promise<LongScript> {
    const script = plantLongScript(scene, { runId, seconds: FOR_EVER });
    await scene.start(runId, longScriptSpec(scene));
    await script.untilStarted();
    return script;
  }

  async function killSupervisor(runId: string): Promise<void> {
    const attempts = await listSupervised(scene.place.home);
    for (const { script, directory } of attempts.filter((attempt) => attempt.script.runId === runId)) {
      const seen = await readSupervision(controlDirectory(directory));
      if (seen.status === 'running') process.kill(seen.identity.pid, 'SIGKILL');
      else throw new Error(`the script of ${script.runId} does not run`);
    }
  }
});
