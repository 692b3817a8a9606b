import { countRepeats } from './made-up/repeated-ideas';

test('with the digest deleted, ideas that failed come back at least twice as often', async () => {
  let [usual, without] = [0, 0];
  for (const seed of [1, 2]) {
    usual += (await countRepeats({ seed, steps: 100 })).failedAgain;
    without += (await countRepeats({ seed, steps: 100, memory: { digestEvery: 0 } })).failedAgain;
  }
  expect(without).toBeGreaterThan(10);
  expect(without).toBeGreaterThanOrEqual(2 * Math.max(usual, 1));
});
