import { TABLES_ALONE } from '../../domain/preview';
import type { EvaluationKind } from '../../domain/evaluation';
import type { Purpose } from '../../domain/purpose';
import { PLAIN_TASK, type Task } from '../../domain/task';
import { digestVariables, storyVariables } from './digest-variables';
import { promptBudget } from './prompt-budget';
import type {
  DigestMaterial,
  ParentMaterial,
  ProposalMaterial,
  RememberedNode,
  ReviewMaterial,
  RunMaterial,
  StoryMaterial,
} from './prompt-material';
import type { TemplateVariables } from './prompt-templates';
import { proposalVariables } from './proposal-variables';
import { reviewVariables } from './review-variables';

const EVALUATIONS: readonly EvaluationKind[] = ['reported', 'holdout', 'command'];

/** Children so far: one of each boldness. */
const SIBLINGS = [0, 2, 4];

const BARE_TASK: Task = {
  ...PLAIN_TASK,
  name: 'sample',
  goal: 'Predict the price.',
  dataDirectory: '/data',
  metric: 'rmse',
  direction: 'minimize',
  target: null,
  id: null,
  train: null,
  test: null,
  sample: null,
};

const FULL_TASK: Task = {
  ...BARE_TASK,
  target: 'price',
  id: 'id',
  train: 'train.csv',
  test: 'test.csv',
  sample: 'sample_submission.csv',
  mounts: ['/models'],
  network: 'on',
  gpus: 2,
  outputs: ['working/model.pkl'],
  reruns: 1,
};

const WORKING: RememberedNode = {
  id: 2,
  operator: 'improve',
  parent: 1,
  status: 'working',
  metric: 0.5,
  reason: null,
  title: 'A forest.',
  summary: 'Trees do well.',
  lesson: { idea: 'a forest', change: 'more trees', result: '0.5', lesson: 'Better than its parent.' },
  message: '',
};
const FAILED: RememberedNode = {
  ...WORKING,
  id: 3,
  status: 'failed',
  metric: null,
  reason: 'exception',
  lesson: null,
  message: 'KeyError',
};

/** Long enough for a change to be less than the whole. */
const CODE = 'print(1)\n'.repeat(40);

const PARENT: ParentMaterial = {
  id: 2,
  plan: 'A forest.',
  code: CODE,
  metric: 0.5,
  reason: null,
  message: '',
  lesson: 'Trees do well.',
  output: 'metric: 0.5\n',
};
const BROKEN: ParentMaterial = { ...PARENT, metric: null, reason: 'timeout', message: 'Ended after 60 s.', output: '' };

/**
 * Variables such as a template may meet, with everything and with nothing there to tell: what a template of one's own
 * is tried with before a run begins.
 */
export function sampleVariables(purpose: Purpose): TemplateVariables[] {
  const budget = promptBudget(0);
  switch (purpose) {
    case 'draft':
      return proposals([null]).map((material) => proposalVariables(material, budget));
    case 'improve':
      return proposals([PARENT]).map((material) => proposalVariables(material, budget));
    case 'debug':
      return proposals([BROKEN, { ...BROKEN, reason: 'out_of_memory' }, { ...BROKEN, reason: 'exception' }]).map(
        (material) => proposalVariables(material, budget),
      );
    case 'review':
      return reviews().map((material) => reviewVariables(material, budget));
    case 'digest':
      return digests().map((material) => digestVariables(material, budget));
    case 'report':
      return digests().map((material) => storyVariables(storyOf(material), budget));
  }
}

function runs(): RunMaterial[] {
  const preview = {
    ...TABLES_ALONE,
    files: [{ path: 'train.csv', bytes: 1000 }],
    filesLeftOut: 0,
    tables: [],
    problems: [],
  };
  const shared = { python: '3.12.1', scriptLimitSeconds: 600, preview, samples: true };
  return EVALUATIONS.flatMap((evaluation) => [
    { ...shared, evaluation, task: BARE_TASK, packages: {}, cores: null, memoryBytes: null },
    {
      ...shared,
      evaluation,
      task: FULL_TASK,
      packages: { numpy: '2.0.0' },
      cores: 4,
      memoryBytes: 8e9,
      samples: false,
    },
  ]);
}

function proposals(parents: readonly (ParentMaterial | null)[]): ProposalMaterial[] {
  const nothing = {
    digest: '',
    memory: [],
    memoryTokens: 700,
    stepsDone: 0,
    stepsTotal: 20,
    secondsLeft: null,
    moneyLeft: { tokens: null, costUsd: null },
    hints: [],
  };
  const everything = {
    ...nothing,
    digest: 'Trees work.',
    memory: [WORKING, FAILED],
    secondsLeft: 600,
    moneyLeft: { tokens: 10_000, costUsd: 1.5 },
    hints: ['Use the weight.'],
  };
  return runs().flatMap((run) =>
    parents.flatMap((parent) =>
      SIBLINGS.flatMap((siblingsSoFar) =>
        [nothing, everything].map((known) => ({ ...known, run, parent, siblingsSoFar })),
      ),
    ),
  );
}

function reviews(): ReviewMaterial[] {
  const shared = { plan: 'A forest.', code: CODE, scriptSeconds: 3, message: '' };
  const worked = { ...shared, status: 'ok', metric: 0.5, reason: null, output: 'metric: 0.5\n' } as const;
  const broke = { ...shared, status: 'failed', metric: null, reason: 'exception', output: '' } as const;
  const relatives = [
    { parent: null, best: null, origin: null },
    { parent: FAILED, best: WORKING, origin: { id: 2, code: `${CODE}print(2)\n` } },
  ];
  return EVALUATIONS.flatMap((evaluation) =>
    [BARE_TASK, FULL_TASK].flatMap((task) =>
      relatives.flatMap((known) => [worked, broke].map((end) => ({ ...end, ...known, task, evaluation }))),
    ),
  );
}

function digests(): DigestMaterial[] {
  return [
    { task: BARE_TASK, digest: '', nodes: [FAILED], best: null },
    { task: FULL_TASK, digest: 'Trees work.', nodes: [WORKING, FAILED], best: WORKING },
  ];
}

function storyOf(material: DigestMaterial): StoryMaterial {
  const hasBest = material.best !== null;
  return { ...material, working: hasBest ? 2 : 0, failed: 1, stopReason: hasBest ? 'steps' : null };
}
