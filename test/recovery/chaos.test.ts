import { hitSomething, ofSlots, openChaosScene, runThroughKills } from './chaos';
import { expectBought, expectWhole } from './whole-run';

jest.setTimeout(900_000);

const KILLS = 20;
const STEPS = 36;
const PARALLEL = 2;

it(`a run survives ${KILLS} kills at random moments, losing at most the calls then open`, async () => {
  const seed = Number(process.env['COPPICE_CHAOS_SEED'] ?? Math.floor(Math.random() * 1e6));
  const timeline: string[] = [`${KILLS} kills, seed ${seed} (COPPICE_CHAOS_SEED repeats it)`];
  const scene = await openChaosScene();
  try {
    const settings = { runId: 'chaos', seed, kills: KILLS, steps: STEPS, parallel: PARALLEL };
    const { run, kills } = await runThroughKills(scene, { ...settings, print: (line) => timeline.push(line) });

    const bought = scene.bought('chaos');
    const hits = kills.filter((kill) => hitSomething(kill, bought)).length;
    timeline.push(`${hits} of ${KILLS} kills hit something in flight`);
    await expectWhole(scene, 'chaos', run, STEPS);
    expectBought(scene, 'chaos', ...kills.map(({ open }) => open));
    expect(Math.max(...kills.map(({ open }) => ofSlots(open).length))).toBeLessThanOrEqual(PARALLEL);
    expect(hits).toBeGreaterThanOrEqual(KILLS / 2);
  } finally {
    process.stdout.write(`${timeline.join('\n')}\n`);
    await scene.close();
  }
});
