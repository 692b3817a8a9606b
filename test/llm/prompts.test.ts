import type { ColumnPreview, Preview } from '../../src/domain/preview';
import { PLAIN_TASK } from '../../src/domain/task';
import type { Task } from '../../src/domain/task';
import { debugPrompt } from '../../src/llm/prompts/debug-prompt';
import { draftPrompt } from '../../src/llm/prompts/draft-prompt';
import { outputExcerpt } from '../../src/llm/prompts/excerpt';
import { improvePrompt } from '../../src/llm/prompts/improve-prompt';
import { MEMORY_LIMIT, memoryText } from '../../src/llm/prompts/memory-text';
import { PREVIEW_LIMIT, previewText } from '../../src/llm/prompts/preview-text';
import type { ParentMaterial, PromptMaterial, RememberedNode } from '../../src/llm/prompts/prompt-material';
import { reaskPrompt } from '../../src/llm/prompts/reask';
import { reviewPrompt } from '../../src/llm/prompts/review-prompt';
import type { ChatMessage } from '../../src/llm/model';

const TASK: Task = {
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

function column(name: string, facts: Partial<ColumnPreview> = {}): ColumnPreview {
  const nothing = { missing: 0, distinct: 100, minimum: 0, maximum: 10, mean: 5, examples: ['1', '2'] };
  return { name, type: 'number', ...nothing, ...facts };
}

function table(path: string, columns: readonly ColumnPreview[], columnsLeftOut = 0): Preview['tables'][number] {
  return { path, delimiter: ',', rows: 8000, rowsExact: true, columns: [...columns], columnsLeftOut };
}

const CUT = column('cut', {
  type: 'text',
  minimum: 'Fair',
  maximum: 'Ideal',
  mean: null,
  distinct: 5,
  examples: ['Ideal'],
});
const SHARED = [column('row_id', { type: 'integer' }), column('carat', { missing: 800 }), CUT, column('depth')];
const PREVIEW: Preview = {
  files: [{ path: 'train.csv', bytes: 500_000 }],
  filesLeftOut: 0,
  tables: [table('test.csv', SHARED), table('train.csv', [...SHARED, column('price')])],
  problems: [{ path: 'broken.csv', message: 'no columns' }],
};

function remembered(id: number, facts: Partial<RememberedNode> = {}): RememberedNode {
  const outcome = { status: 'working', metric: id / 10, reason: null } as const;
  return { id, operator: 'draft', parent: null, ...outcome, title: `Idea ${id}`, summary: `Lesson ${id}`, ...facts };
}

const MATERIAL: PromptMaterial = {
  run: {
    task: TASK,
    evaluation: 'reported',
    python: '3.12.1',
    packages: { 'scikit-learn': '1.7.0', pandas: '2.3.0' },
    scriptLimitSeconds: 600,
    preview: PREVIEW,
  },
  memory: [remembered(2), remembered(3, { status: 'failed', metric: null, reason: 'timeout' })],
  stepsDone: 4,
  stepsTotal: 20,
  secondsLeft: 5400,
};

const PARENT: ParentMaterial = {
  id: 7,
  plan: 'Use a forest.',
  code: 'print("the whole parent")\n',
  metric: 0.1234567,
  reason: null,
  message: '',
  summary: 'Trees do well here.',
  output: 'fold 1: 0.12\nValidation metric (rmse): 0.1234567\n',
};

const FAILED: ParentMaterial = {
  ...PARENT,
  metric: null,
  reason: 'exception',
  message: "KeyError: 'colour'",
  output: `start\n${'noise\n'.repeat(3000)}Traceback (most recent call last):\n  File "solution.py", line 3\nKeyError: 'colour'\n`,
};

function textOf(messages: readonly ChatMessage[]): string {
  return messages.map((message) => message.content).join('\n');
}

describe('every prompt for a script', () => {
  test.each([
    ['draft', draftPrompt(MATERIAL)],
    ['improve', improvePrompt(MATERIAL, PARENT)],
    ['debug', debugPrompt(MATERIAL, FAILED)],
  ])('%s says what is wanted and how the script is run', (_name, messages) => {
    const text = textOf(messages);
    for (const part of [
      TASK.goal,
      'rmse: lower is better',
      '`price`',
      './input',
      './working/result.json',
      '{"metric": <score>}',
      'Validation metric (rmse): <score>',
      './working/submission.csv',
      './input/sample_submission.csv',
      'no network',
      '10 minutes at most',
      'Python 3.12.1',
      'pandas 2.3.0, scikit-learn 1.7.0',
      '```python',
      'train.csv: 8000 rows, 5 columns',
      '4 of 20 attempts are done',
      '90 minutes left',
      'Idea 2 — Lesson 2',
      '#3 (draft; failed: the script ran longer than it may and was ended)',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain(TASK.dataDirectory);
  });

  test('says which direction is better when it is the other one', () => {
    const run = { ...MATERIAL.run, task: { ...TASK, direction: 'maximize' as const, sample: null, test: null } };
    const text = textOf(draftPrompt({ ...MATERIAL, run }));
    expect(text).toContain('rmse: higher is better');
    expect(text).not.toContain('submission.csv');
  });

  test('begins with what never changes in a run: role, task, rules and data', () => {
    const later = { ...MATERIAL, memory: [remembered(9)], stepsDone: 11, secondsLeft: 60 };
    const prompts = [
      draftPrompt(MATERIAL),
      draftPrompt(later),
      improvePrompt(later, PARENT),
      debugPrompt(later, FAILED),
    ];
    const preview = previewText(PREVIEW, TASK);
    for (const [system, user] of prompts) {
      expect(system).toEqual(prompts[0]?.[0]);
      expect(user?.content.startsWith(`## The data\n\n${preview}`)).toBe(true);
    }
  });
});

test('a draft is asked to differ from what was tried, and the first one is told that it is', () => {
  expect(textOf(draftPrompt(MATERIAL))).toMatch(/differs in substance.*from every attempt above/);
  const first = textOf(draftPrompt({ ...MATERIAL, memory: [] }));
  expect(first).toContain('It is the first attempt.');
  expect(first).not.toContain('Tried so far');
});

test("an improvement shows its parent's score, code, output and review, and asks for one change", () => {
  const text = textOf(improvePrompt(MATERIAL, PARENT));
  for (const part of [
    '#7, whose rmse is 0.123457',
    PARENT.code.trim(),
    'fold 1: 0.12',
    PARENT.summary,
    'exactly one change',
  ]) {
    expect(text).toContain(part);
  }
});

test('a repair shows why and where the script failed, and must keep the approach', () => {
  const text = textOf(debugPrompt(MATERIAL, FAILED));
  for (const part of ['(exception)', FAILED.message, FAILED.code.trim(), 'line 3\nKeyError', 'Keep the approach']) {
    expect(text).toContain(part);
  }
  expect(text.length).toBeLessThan(20_000);
  expect(text).not.toContain('cheaper');
  expect(textOf(debugPrompt(MATERIAL, { ...FAILED, reason: 'timeout' }))).toContain('cheaper');
});

test.each([
  ['reported', 'It measures itself with rmse', 'it is measured on rows the model learnt from'],
  ['holdout', 'Its prediction file alone decides', 'measured apart from the script'],
  ['command', "A program of the task's own evaluates", 'measured apart from the script'],
] as const)(
  'under %s scores a script and its reviewer are told where the score comes from',
  (evaluation, rule, bug) => {
    const material = { ...MATERIAL, run: { ...MATERIAL.run, evaluation } };
    expect(textOf(draftPrompt(material))).toContain(rule);
    const ended = { status: 'ok', metric: 0.5, reason: null, message: '', scriptSeconds: 12 } as const;
    const review = { run: { task: TASK, evaluation }, plan: 'p', code: 'c', output: 'o', ...ended };
    expect(textOf(reviewPrompt(review))).toContain(bug);
  },
);

test('a review shows plan, script, output and end, and asks for JSON', () => {
  const ended = { status: 'ok', metric: 0.5, reason: null, message: '', scriptSeconds: 12 } as const;
  const material = {
    run: { task: TASK, evaluation: 'reported' as const },
    plan: 'Use a forest.',
    code: PARENT.code,
    output: PARENT.output,
    ...ended,
  };
  const text = textOf(reviewPrompt(material));
  for (const part of [TASK.goal, 'Use a forest.', PARENT.code.trim(), 'fold 1: 0.12', 'rmse = 0.5', '"is_bug"']) {
    expect(text).toContain(part);
  }
  const failed = {
    ...material,
    status: 'failed',
    metric: null,
    reason: 'timeout',
    message: 'ended after 12 s',
  } as const;
  expect(textOf(reviewPrompt(failed))).toContain('(timeout). ended after 12 s');
  const huge = { ...material, code: 'x = 1\n'.repeat(1e5), output: 'y\n'.repeat(1e6), plan: 'z '.repeat(1e5) };
  expect(textOf(reviewPrompt(huge)).length).toBeLessThan(35_000);
});

describe('the memory', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    remembered(500 - index, {
      summary: 'word '.repeat(200),
      ...(index % 2 === 0 ? {} : { status: 'failed', metric: null, reason: 'exception' }),
    }),
  );

  test('stays within its limit, keeps the most valuable and the failed, and leaves out the rest', () => {
    const text = memoryText(many);
    expect(text.length).toBeLessThanOrEqual(MEMORY_LIMIT);
    expect(text.length).toBeGreaterThan(MEMORY_LIMIT * 0.8);
    expect(text).toContain('#500 ');
    expect(text).toContain('#499 (draft; failed:');
    expect(text).not.toContain('#1 ');
  });

  test('is told in the order in which it was tried, an entry a line', () => {
    const lines = memoryText(many.slice(0, 5).map((node) => ({ ...node, summary: 'two\nlines' }))).split('\n');
    expect(lines.map((line) => Number(/#(\d+)/.exec(line)?.[1]))).toEqual([496, 497, 498, 499, 500]);
  });

  test('tells of a node that is being tried', () => {
    expect(memoryText([remembered(4, { status: 'in_flight', metric: null })])).toContain('#4 (draft; being tried now)');
  });

  test('makes no prompt of a large tree longer than one of a small tree by more than its limit', () => {
    const [small, large] = [[], many].map((memory) => textOf(draftPrompt({ ...MATERIAL, memory })).length);
    expect((large ?? 0) - (small ?? 0)).toBeLessThan(MEMORY_LIMIT + 400);
  });
});

describe('the preview', () => {
  test('tells of columns, the training table first and its target and id before the others', () => {
    const text = previewText(PREVIEW, TASK);
    expect(text).toMatch(
      /train\.csv: 8000 rows, 5 columns\n- row_id \[id\].*\n- price \[target\]: number.*0 to 10, mean 5/,
    );
    expect(text).toContain('carat: number, 10 % missing');
    expect(text).toContain('cut: text, about 5 distinct, such as "Ideal"');
    expect(text).toMatch(/test\.csv: .*\nIts columns are those of train\.csv \(without price\)/);
    expect(text).toContain('broken.csv could not be read: no columns');
  });

  test('of 2,000 columns stays within its limit, keeps the target and counts what it leaves out', () => {
    const wide = Array.from({ length: 2000 }, (_, index) =>
      column(`feature_${index}`, index % 2 ? {} : { type: 'text' }),
    );
    const tables = [table('train.csv', [...wide, column('price')], 300), table('test.csv', wide, 300)];
    const text = previewText({ ...PREVIEW, tables, problems: [] }, TASK);
    expect(text.length).toBeLessThanOrEqual(PREVIEW_LIMIT);
    expect(text).toContain('price [target]');
    expect(text).toMatch(
      /and 2\d\d\d more columns \(\d+ text, \d+ number, 300 not looked at, named feature_\d+ to feature_1999\)/,
    );
    expect(text).toContain('Its columns are those of train.csv (without price)');
  });

  test.each([
    ['long names', [table('train.csv', [column('n'.repeat(5000)), column('price')])]],
    ['many tables', Array.from({ length: 500 }, (_, index) => table(`t${index}.csv`, [column(`only_${index}`), CUT]))],
    [
      'wide tables that differ',
      ['a', 'b', 'c'].map((name) =>
        table(
          `${name}.csv`,
          Array.from({ length: 999 }, (_, index) => column(`${name}_${index}`)),
        ),
      ),
    ],
  ])('of %s stays within its limit', (_name, tables) => {
    const files = Array.from({ length: 10_000 }, (_, index) => ({
      path: `images/${'x'.repeat(80)}${index}.png`,
      bytes: 1,
    }));
    const text = previewText({ ...PREVIEW, files, tables }, TASK);
    expect(text.length).toBeLessThanOrEqual(PREVIEW_LIMIT);
    expect(text).toContain(tables[0]?.path);
    expect(text).toMatch(/and \d+ more/);
  });
});

describe('an excerpt of the output', () => {
  const traceback = 'Traceback (most recent call last):\n  File "solution.py", line 9\nValueError: bad\n';

  test('is the whole when that fits', () => {
    expect(outputExcerpt('a\nb\n', 100)).toBe('a\nb');
  });

  test.each([
    ['at the end', `begin\n${'x\n'.repeat(9000)}${traceback}`],
    ['in the middle', `begin\n${'x\n'.repeat(9000)}${traceback}${'warning\n'.repeat(4000)}end`],
    ['near the beginning', `begin\n${traceback}${'warning\n'.repeat(4000)}end`],
  ])('keeps beginning, end and a traceback %s', (_name, output) => {
    const excerpt = outputExcerpt(output, 1000);
    expect(excerpt.length).toBeLessThan(1150);
    expect(excerpt.startsWith('begin')).toBe(true);
    expect(excerpt.endsWith(output.trim().slice(-100))).toBe(true);
    expect(excerpt).toContain('line 9\nValueError: bad');
    expect(excerpt).toMatch(/… \d+ characters left out …/);
  });

  test('keeps only the last state of a progress bar', () => {
    expect(outputExcerpt('start\n 1 %\r 50 %\r100 %\nend\r\n', 100)).toBe('start\n100 %\nend');
  });
});

test('a re-ask repeats the first prompt and a bounded part of the answer, and says what was wrong', () => {
  const first = draftPrompt(MATERIAL);
  const messages = reaskPrompt(first, 'word '.repeat(1e5), 'it has no code', 'Give code.');
  expect(messages.slice(0, first.length)).toEqual(first);
  expect(messages.slice(first.length).map(({ role }) => role)).toEqual(['assistant', 'user']);
  expect(messages[2]?.content.length).toBeLessThan(9000);
  expect(messages[3]?.content).toBe('Your answer cannot be used: it has no code. Give code.');
});
