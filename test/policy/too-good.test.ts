import { tooGood } from '../../src/policy/too-good';

describe('a score that is too good', () => {
  it.each([
    ['an error that all but goes away', 0.4, [551, 560, 548, 555, 562, 549], 'minimize'],
    ['a share that is all but one', 0.9995, [0.81, 0.8, 0.82, 0.805, 0.79], 'maximize'],
    ['a share near the end of its range', 0.9999, [0.97, 0.969, 0.971, 0.97, 0.968], 'maximize'],
    ['a score without a range', 900, [110, 120, 130, 105, 115], 'maximize'],
    ['others that are all the same', 0.99, [0.7, 0.7, 0.7, 0.7, 0.7], 'maximize'],
  ] as const)('is one far ahead of all others: %s', (_, metric, others, direction) => {
    const mark = tooGood(metric, others, direction);
    expect(mark?.kind).toBe('too_good');
    expect(mark?.message).toContain(String(metric));
  });

  it.each([
    ['it is worse than the best', 0.81, [0.81, 0.8, 0.82, 0.805, 0.79], 'maximize'],
    ['there are only four others', 0.4, [551, 560, 548, 555], 'minimize'],
    ['the others differ as much', 150, [551, 1560, 4800, 2955, 562, 549], 'minimize'],
    ['the step is small, though the others hardly differ', 0.83, [0.8, 0.8001, 0.8, 0.7999, 0.8001], 'maximize'],
    ['a good idea takes a third off the error', 370, [551, 560, 548, 555, 562, 549], 'minimize'],
    ['it is as bad as others are good', 4000, [551, 560, 548, 555, 562, 549], 'minimize'],
  ] as const)('is not one where %s', (_, metric, others, direction) => {
    expect(tooGood(metric, others, direction)).toBeNull();
  });
});
