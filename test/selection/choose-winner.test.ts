import type { MarkKind } from '../../src/domain/marks';
import type { SelectionCandidate } from '../../src/domain/selection';
import { chooseWinner } from '../../src/selection/choose-winner';

interface Given {
  readonly search?: number;
  readonly selection?: number | null;
  readonly error?: number | null;
  readonly marks?: readonly MarkKind[];
}

function candidate(id: number, { search = 0.8, selection = 0.8, error = 0.01, marks = [] }: Given): SelectionCandidate {
  return {
    id,
    searchScore: search,
    selectionScore: selection,
    standardError: error,
    marks: marks.map((kind) => ({ kind, message: `${kind} here` })),
  };
}

describe('the final selection', () => {
  it('takes the best selection score, not the best search score, and tells the gap', () => {
    const candidates = [
      candidate(1, { search: 0.95, selection: 0.75 }),
      candidate(2, { search: 0.9, selection: 0.85 }),
      candidate(3, { search: 0.85, selection: 0.75 }),
    ];
    const outcome = chooseWinner(candidates, 'maximize');

    expect(outcome).toMatchObject({ winner: 2, searchScore: 0.9, selectionScore: 0.85 });
    expect(outcome.gap).toBeCloseTo(0.05, 12);
  });

  it('follows the direction: of errors the smallest wins, and a larger one than in the search is a gap', () => {
    const candidates = [candidate(1, { search: 10, selection: 14 }), candidate(2, { search: 11, selection: 12 })];

    expect(chooseWinner(candidates, 'minimize')).toEqual({ winner: 2, searchScore: 11, selectionScore: 12, gap: 1 });
    expect(chooseWinner(candidates, 'maximize')).toEqual({ winner: 1, searchScore: 10, selectionScore: 14, gap: -4 });
  });

  it('has the better search score break a tie, and then the lower id', () => {
    const tied = [candidate(4, { search: 0.8 }), candidate(3, { search: 0.9 }), candidate(2, { search: 0.9 })];

    expect(chooseWinner(tied, 'maximize').winner).toBe(2);
    expect(chooseWinner([...tied].reverse(), 'maximize').winner).toBe(2);
    expect(chooseWinner(tied, 'minimize').winner).toBe(4);
  });

  it('takes a single candidate, whatever it is', () => {
    expect(chooseWinner([candidate(7, { selection: null, error: null, marks: ['too_good'] })], 'maximize')).toEqual({
      winner: 7,
      searchScore: 0.8,
      selectionScore: null,
      gap: null,
    });
  });

  it('refuses to select among none', () => {
    expect(() => chooseWinner([], 'maximize')).toThrow(RangeError);
  });
});

describe('a candidate without a selection score', () => {
  it('loses to any that has one, also to a doubtful one', () => {
    const candidates = [candidate(1, { search: 0.99, selection: null }), candidate(2, { marks: ['reviewer_bug'] })];

    expect(chooseWinner(candidates, 'maximize').winner).toBe(2);
  });

  it('is compared by search score when no candidate has one', () => {
    const candidates = [candidate(1, { search: 3, selection: null }), candidate(2, { search: 2, selection: null })];

    expect(chooseWinner(candidates, 'maximize').winner).toBe(1);
    expect(chooseWinner(candidates, 'minimize').winner).toBe(2);
  });

  it('still has doubts count against it when no candidate has one', () => {
    const candidates = [
      candidate(1, { search: 3, selection: null, marks: ['constant_predictions'] }),
      candidate(2, { search: 2, selection: null }),
    ];

    expect(chooseWinner(candidates, 'maximize').winner).toBe(2);
  });
});

describe('a doubtful candidate', () => {
  // Two standard errors of the difference are 2 * hypot(0.03, 0.04) = 0.1.
  const trusted = candidate(1, { selection: 0.8, error: 0.03 });
  const doubtful = (selection: number, error: number | null = 0.04): SelectionCandidate =>
    candidate(2, { selection, error, marks: ['fit_before_split'] });

  it.each([
    [0.85, 1],
    [0.899, 1],
    [0.901, 2],
    [0.99, 2],
    [0.7, 1],
  ])('with a score of %d against 0.8 makes node %d win', (selection, winner) => {
    expect(chooseWinner([trusted, doubtful(selection)], 'maximize').winner).toBe(winner);
    expect(chooseWinner([doubtful(selection), trusted], 'maximize').winner).toBe(winner);
  });

  it('needs the same margin where less is better', () => {
    expect(chooseWinner([trusted, doubtful(0.71)], 'minimize').winner).toBe(1);
    expect(chooseWinner([trusted, doubtful(0.69)], 'minimize').winner).toBe(2);
  });

  it('cannot be beyond doubt when nothing tells how exact the scores are', () => {
    expect(chooseWinner([trusted, doubtful(0.99, null)], 'maximize').winner).toBe(1);
  });

  it('is compared with the best that has no marks, not with the first', () => {
    const best = candidate(3, { selection: 0.88, error: 0.03 });

    expect(chooseWinner([trusted, doubtful(0.95), best], 'maximize').winner).toBe(3);
  });

  it('does not hide another that is beyond doubt', () => {
    const vague = candidate(3, { selection: 0.99, error: 0.5, marks: ['too_good'] });

    expect(chooseWinner([trusted, vague, doubtful(0.95)], 'maximize').winner).toBe(2);
  });

  it('competes as usual when all are doubtful', () => {
    const candidates = [doubtful(0.7), candidate(3, { selection: 0.71, marks: ['swapped_model'] })];

    expect(chooseWinner(candidates, 'maximize').winner).toBe(3);
  });
});
