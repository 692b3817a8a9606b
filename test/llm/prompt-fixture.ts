import type { Purpose } from '../../src/domain/purpose';
import type { ColumnPreview, Preview } from '../../src/domain/preview';
import { PLAIN_READING, TABLES_ALONE } from '../../src/domain/preview';
import { PLAIN_TASK, type Task } from '../../src/domain/task';
import type { ChatMessage } from '../../src/llm/model';
import { shippedTemplates } from '../../src/llm/prompts/load-templates';
import { promptBudget } from '../../src/llm/prompts/prompt-budget';
import type {
  ParentMaterial,
  ProposalMaterial,
  RememberedNode,
  ReviewMaterial,
} from '../../src/llm/prompts/prompt-material';
import { PromptTemplates, type TemplateVariables } from '../../src/llm/prompts/prompt-templates';
import { proposalVariables } from '../../src/llm/prompts/proposal-variables';
import { reviewVariables } from '../../src/llm/prompts/review-variables';

export const TASK: Task = {
  ...PLAIN_TASK,
  name: 'diamonds',
  goal: 'Predict the price of each diamond.',
  dataDirectory: '/data/diamonds',
  metric: 'rmse',
  direction: 'minimize',
  target: 'price',
  id: 'row_id',
  train: 'train.csv',
  test: 'test.csv',
  sample: 'sample_submission.csv',
};

export function column(name: string, facts: Partial<ColumnPreview> = {}): ColumnPreview {
  const nothing = {
    missing: 0,
    distinct: 100,
    minimum: 0,
    maximum: 10,
    mean: 5,
    examples: ['1', '2'],
    dateFormats: [],
  };
  return { name, type: 'number', ...nothing, ...facts };
}

export function table(path: string, columns: readonly ColumnPreview[], columnsLeftOut = 0): Preview['tables'][number] {
  return {
    ...PLAIN_READING,
    rowsEstimated: null,
    path,
    rows: 8000,
    rowsExact: true,
    columns: [...columns],
    columnsLeftOut,
  };
}

export const CUT = column('cut', {
  type: 'text',
  minimum: 'Fair',
  maximum: 'Ideal',
  mean: null,
  distinct: 5,
  examples: ['Ideal'],
});
const SHARED = [column('row_id', { type: 'integer' }), column('carat', { missing: 800 }), CUT, column('depth')];
export const PREVIEW: Preview = {
  ...TABLES_ALONE,
  files: [
    { path: 'train.csv', bytes: 500_000 },
    { path: 'notes.txt', bytes: 200 },
  ],
  filesLeftOut: 0,
  tables: [
    table('test.csv', SHARED),
    table('train.csv', [...SHARED, column('price')]),
    table('sample_submission.csv', [column('row_id'), column('price')]),
  ],
  problems: [{ path: 'broken.csv', message: 'no columns' }],
};

export function remembered(id: number, facts: Partial<RememberedNode> = {}): RememberedNode {
  return {
    id,
    operator: 'draft',
    parent: null,
    status: 'working',
    metric: id / 10,
    reason: null,
    title: `Idea ${id}`,
    summary: `Summary ${id}`,
    lesson: { idea: `Idea ${id}`, change: `Change ${id}`, result: '', lesson: `Lesson ${id}` },
    message: '',
    ...facts,
  };
}

export const MATERIAL: ProposalMaterial = {
  run: {
    task: TASK,
    evaluation: 'reported',
    python: '3.12.1',
    packages: { 'scikit-learn': '1.7.0', pandas: '2.3.0', pip: '25.0' },
    scriptLimitSeconds: 600,
    cores: 4,
    memoryBytes: 16e9,
    preview: PREVIEW,
    samples: true,
  },
  parent: null,
  digest: '',
  memory: [remembered(2), remembered(3, { status: 'failed', metric: null, reason: 'timeout' })],
  memoryTokens: 500,
  stepsDone: 4,
  stepsTotal: 20,
  secondsLeft: 5400,
  moneyLeft: { tokens: null, costUsd: null },
  siblingsSoFar: 0,
  hints: [],
};

export const PARENT: ParentMaterial = {
  id: 7,
  plan: 'Use a forest.',
  code: 'print("the whole parent")\n',
  metric: 0.1234567,
  reason: null,
  message: '',
  lesson: 'Trees do well here.',
  output: 'fold 1: 0.12\nValidation metric (rmse): 0.1234567\n',
};

export const FAILED: ParentMaterial = {
  ...PARENT,
  metric: null,
  reason: 'exception',
  message: "KeyError: 'colour'",
  output: `start\n${'noise\nother noise\n'.repeat(3000)}Traceback (most recent call last):\n  File "solution.py", line 3\nKeyError: 'colour'\n`,
};

export const REVIEWED: ReviewMaterial = {
  task: TASK,
  evaluation: 'reported',
  plan: 'Use a forest.',
  code: PARENT.code,
  output: PARENT.output,
  status: 'ok',
  metric: 0.5,
  reason: null,
  message: '',
  scriptSeconds: 12,
  parent: null,
  origin: null,
  best: null,
};

/** Coppice's own prompt for a step. */
export async function proposal(
  operator: 'draft' | 'improve' | 'debug',
  facts: Partial<ProposalMaterial> = {},
  shrunk = 0,
): Promise<ChatMessage[]> {
  const parent = operator === 'draft' ? null : operator === 'improve' ? PARENT : FAILED;
  return rendered(operator, proposalVariables({ ...MATERIAL, parent, ...facts }, promptBudget(shrunk)));
}

export async function review(facts: Partial<ReviewMaterial> = {}, shrunk = 0): Promise<ChatMessage[]> {
  return rendered('review', reviewVariables({ ...REVIEWED, ...facts }, promptBudget(shrunk)));
}

export async function rendered(purpose: Purpose, variables: TemplateVariables): Promise<ChatMessage[]> {
  return new PromptTemplates(await shippedTemplates()).render(purpose, variables);
}

export function textOf(messages: readonly ChatMessage[]): string {
  return messages.map((message) => message.content).join('\n');
}
