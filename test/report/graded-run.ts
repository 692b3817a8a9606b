import type { EvaluationFile } from '../../src/domain/evaluation';
import type { SelectionFile } from '../../src/domain/selection';
import type { FixtureNode, FixtureRun } from '../helpers/run-fixture';

export const HOLDOUT: EvaluationFile = {
  kind: 'holdout',
  why: 'the task names training file, target, id and a known metric',
  split: {
    method: 'random',
    trainRows: 6000,
    searchRows: 1000,
    selectionRows: 1000,
    testRows: 2000,
    dataHash: 'hash',
    made: [],
  },
};

export const REPORTED: EvaluationFile = { kind: 'reported', why: 'the task has no id column', split: null };

const NODES: readonly FixtureNode[] = [
  { id: 1, metric: 612.5, standardError: 9.123, reportedMetric: 611, isolation: 'bubblewrap' },
  { id: 2, reason: 'timeout', message: 'ended after 60 s', isolation: 'bubblewrap' },
  {
    id: 3,
    parent: 1,
    metric: 480,
    standardError: 8,
    reportedMetric: 120,
    isolation: 'bubblewrap',
    title: 'Average the target by cut',
    marks: [{ kind: 'fit_before_split', message: 'Line 14: the target by group is fitted on all rows.' }],
  },
  { id: 4, parent: 1, metric: 549.5, standardError: 8.5, reportedMetric: 540, isolation: 'bubblewrap' },
];

const SELECTION: SelectionFile = {
  winner: 4,
  searchScore: 549.5,
  selectionScore: 553.25,
  gap: 3.75,
  candidates: [
    {
      id: 3,
      searchScore: 480,
      selectionScore: 560,
      standardError: 9,
      marks: [
        { kind: 'fit_before_split', message: 'Line 14: the target by group is fitted on all rows.' },
        { kind: 'too_good', message: '480 is far ahead of all others' },
      ],
    },
    { id: 4, searchScore: 549.5, selectionScore: 553.25, standardError: 9.5, marks: [] },
  ],
  refit: { status: 'ok', message: '' },
  recordedNodes: 4,
  selectedAt: '2026-01-02T03:05:00.000Z',
  used: [],
};

/** A finished run whose nodes were scored on withheld rows, and whose best by search score was not chosen in the end. */
export function gradedRun(more: Partial<FixtureRun> = {}): FixtureRun {
  return {
    runId: 'graded',
    nodes: NODES,
    evaluation: HOLDOUT,
    selection: SELECTION,
    state: { state: 'finished', stopReason: 'steps' },
    ...more,
  };
}

/** The same run while its search goes on. */
export function searchingRun(): FixtureRun {
  return { runId: 'graded', nodes: NODES, evaluation: HOLDOUT };
}

/** The same run where one of the scripts ran without isolation. */
export function openRun(): FixtureRun {
  return gradedRun({ nodes: NODES.map((node) => (node.id === 2 ? { ...node, isolation: 'process' as const } : node)) });
}

/** The same run after it was extended and selected for the second time, with a last run that failed. */
export function extendedRun(): FixtureRun {
  const { candidates, selectedAt } = SELECTION;
  const earlier = { winner: 1, searchScore: 612.5, selectionScore: 615, gap: 2.5, candidates, selectedAt };
  const refit = { status: 'failed' as const, message: 'ended after 60 s' };
  return gradedRun({ selection: { ...SELECTION, refit, used: [earlier] } });
}
