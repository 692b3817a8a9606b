import { randomStream } from '../../src/policy/random-stream';

const draws = (seed: number, decision: number): number[] => {
  const stream = randomStream(seed, decision);
  return [stream.chance(), stream.chance(), stream.chance()];
};

describe('random stream of a decision', () => {
  it('depends on seed and decision number alone', () => {
    expect(draws(42, 17)).toEqual(draws(42, 17));
    expect(draws(42, 17)).not.toEqual(draws(42, 18));
    expect(draws(42, 17)).not.toEqual(draws(43, 17));
  });

  it('keeps the numbers it has always drawn, since committed histories depend on them', () => {
    expect(draws(42, 17).map((value) => value.toFixed(12))).toMatchSnapshot();
  });

  it('is uniform over neighbouring decisions, not only within one', () => {
    const first = Array.from({ length: 4000 }, (_, decision) => draws(1, decision)[0] ?? 0);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
    const neighbours = first.slice(1).filter((value, index) => value < 0.5 === (first[index] ?? 0) < 0.5).length;
    expect(Math.abs(neighbours / first.length - 0.5)).toBeLessThan(0.05);
  });

  it('picks nothing from nothing', () => {
    expect(randomStream(1, 1).pick([])).toBeNull();
    expect(randomStream(1, 1).pick(['only'])).toBe('only');
  });
});
