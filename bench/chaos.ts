/* `npm run bench:chaos [-- KILLS [SEED]]`: one slot under kill -9 at random moments. Default: 100 kills, random seed. */
import assert from 'node:assert/strict';
import { hitSomething, ofSlots, openChaosScene, runThroughKills } from '../test/recovery/chaos';
import { expectBought, expectWhole, treeOf } from '../test/recovery/whole-run';

const SLOTS = 1;

async function main(): Promise<void> {
  const kills = Number(process.argv[2] ?? 100);
  const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 1e6));
  const steps = kills + 20;
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const scene = await openChaosScene();
  try {
    print(`${kills} kills over ${steps} nodes, seed ${seed}`);
    const settings = { runId: 'chaos', seed, kills, steps, parallel: SLOTS, print };
    const chaos = await runThroughKills(scene, settings);
    const bought = scene.bought('chaos');
    const hits = chaos.kills.filter((kill) => hitSomething(kill, bought)).length;
    const open = chaos.kills.flatMap((kill) => kill.open).length;
    const again = Object.values(bought).reduce((sum, times) => sum + times - 1, 0);
    print(`${hits} of ${kills} kills hit something in flight`);
    print(`${open} calls were open at the kills, ${again} of ${Object.keys(bought).length} calls were sent again`);

    await expectWhole(scene, 'chaos', chaos.run, steps);
    expectBought(scene, 'chaos', ...chaos.kills.map((kill) => kill.open));
    assert.ok(chaos.kills.every((kill) => ofSlots(kill.open).length <= SLOTS));
    print('every node is recorded once, and no answer that had reached the store was bought again');

    scene.model.control.clearRules();
    const calm = await runThroughKills(scene, { ...settings, runId: 'calm', kills: 0 });
    assert.deepEqual(treeOf(chaos.run), treeOf(calm.run));
    print('the tree is that of an undisturbed run with the same seed');
  } finally {
    await scene.close();
  }
}

void main();
