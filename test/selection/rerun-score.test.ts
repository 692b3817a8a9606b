import { rerunScore } from '../../src/selection/rerun-score';

describe('the score from runs with other seeds', () => {
  it('is their mean without the run that made the script a candidate', () => {
    expect(rerunScore(0.9, [0.7, 0.8])?.score).toBeCloseTo(0.75, 12);
  });

  it('has a standard error to which the own run counts', () => {
    // The sample 0.9, 0.7, 0.8 has a standard deviation of 0.1.
    expect(rerunScore(0.9, [0.7, 0.8])?.standardError).toBeCloseTo(0.1 / Math.sqrt(2), 12);
    expect(rerunScore(5, [3])?.standardError).toBeCloseTo(Math.SQRT2, 12);
  });

  it('has none when the script does not follow the seed', () => {
    expect(rerunScore(0.9, [0.9, 0.9])).toEqual({ score: 0.9, standardError: null });
  });

  it('is none when no run worked', () => {
    expect(rerunScore(0.9, [])).toBeNull();
  });
});
