import { expectWeek, liveThroughAWeek, openWeekScene, type WeekSettings } from './week';

jest.setTimeout(900_000);

it('a run comes to its end against a server that fails in every way and goes away, with workers killed', async () => {
  const seed = Number(process.env['COPPICE_WEEK_SEED'] ?? Math.floor(Math.random() * 1e6));
  const timeline = [`seed ${seed} (COPPICE_WEEK_SEED repeats it)`];
  const scene = await openWeekScene(seed);
  try {
    const settings: WeekSettings = {
      runId: 'week',
      seed,
      nodes: 12,
      downSeconds: 5,
      downs: 2,
      kills: 2,
      impatient: true,
      patienceSeconds: 780,
      print: (line) => timeline.push(line),
    };
    const week = await liveThroughAWeek(scene, settings);
    await expectWeek(scene, settings, week);
    expect(week).toMatchObject({ downs: 2, duplicates: [] });
    expect(week.openAtKills).toHaveLength(2);
    expect(week.faults.size).toBeGreaterThan(0);
  } catch (error) {
    process.stdout.write(`${timeline.join('\n')}\n`);
    throw error;
  } finally {
    await scene.close();
  }
});
