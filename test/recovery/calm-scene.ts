import type { StoredRun } from '../helpers/coppice-process';
import type { ScriptBehaviour } from '../scripted-model/actions';
import { Scene } from './scene';
import { expectBought, expectWhole } from './whole-run';

/** Nodes 2 and 5 fail, so that there is something to repair; node 4 works long enough to be met at work. */
const BEHAVIOURS: Readonly<Record<number, ScriptBehaviour>> = {
  2: { fail: 'exception' },
  4: { sleepSeconds: 2 },
  5: { fail: 'exception' },
};

/** A scene with a worker, and what the run `calm` came to in it, which nothing disturbed: others are compared with it. */
export async function openCalmScene(): Promise<{ readonly scene: Scene; readonly calm: StoredRun }> {
  const scene = await Scene.open(({ node }) => BEHAVIOURS[node] ?? {});
  await scene.ensureWorker();
  await scene.start('calm');
  const calm = await scene.untilFinished('calm');
  await expectWhole(scene, 'calm', calm, 8);
  expectBought(scene, 'calm');
  return { scene, calm };
}
