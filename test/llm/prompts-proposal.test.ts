import { countMessageTokens } from '../../src/llm/count-tokens';
import { previewText } from '../../src/llm/prompts/preview-text';
import { promptBudget } from '../../src/llm/prompts/prompt-budget';
import { boldnessOf } from '../../src/llm/prompts/proposal-variables';
import { column, FAILED, MATERIAL, PARENT, PREVIEW, proposal, remembered, table, TASK, textOf } from './prompt-fixture';

const OPERATORS = ['draft', 'improve', 'debug'] as const;

describe('every prompt for a script', () => {
  test.each(OPERATORS)('%s says what is wanted and how the script is run', async (operator) => {
    const text = textOf(await proposal(operator));
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
      'ended after 10 minutes',
      '4 cores and 16 GB of memory',
      'Python 3.12.1',
      'pandas 2.3, scikit-learn 1.7.',
      '```python',
      'train.csv (500.0 kB): 8000 rows, 5 columns',
      '4 of 20 attempts are done',
      '90 minutes left',
      '#2 (draft, 0.2): Change 2 → Lesson 2',
      '#3 (draft, failed: timeout): Change 3 → Lesson 3',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain(TASK.dataDirectory);
    expect(text).not.toMatch(/\n{3,}|\{\{|\{%/);
  });

  test('says which direction is better when it is the other one', async () => {
    const run = { ...MATERIAL.run, task: { ...TASK, direction: 'maximize' as const, sample: null, test: null } };
    const text = textOf(await proposal('draft', { run }));
    expect(text).toContain('rmse: higher is better');
    expect(text).not.toContain('to `./working/submission.csv`');
  });

  test('begins with what never changes in a run, and goes on with the digest: what changes more comes later', async () => {
    const digest = 'Trees work, lines do not.';
    const later = { digest, memory: [remembered(9)], stepsDone: 11, secondsLeft: 60, siblingsSoFar: 4 };
    const prompts = [
      await proposal('draft', { digest }),
      ...(await Promise.all(OPERATORS.map((o) => proposal(o, later)))),
    ];
    const preview = previewText(PREVIEW, TASK, { limit: promptBudget(0).preview, samples: true });
    for (const [system, user] of prompts) {
      expect(system).toEqual(prompts[0]?.[0]);
      expect(
        user?.content.startsWith(`## The data in ./input\n\n${preview}\n\n## Notes on the search so far\n\n${digest}`),
      ).toBe(true);
    }
    const improve = prompts[2]?.[1]?.content ?? '';
    const order = [
      digest,
      PARENT.code.trim(),
      'fold 1: 0.12',
      PARENT.lesson,
      'Change 9',
      'Improve script #7',
      '11 of 20',
    ];
    const places = order.map((part) => improve.indexOf(part));
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(places).not.toContain(-1);
  });

  test('tells of money and hints only when there are any', async () => {
    expect(textOf(await proposal('improve'))).not.toMatch(/may still be|owner of the search/);
    const moneyLeft = { tokens: 123_456, costUsd: 1.234 };
    const text = textOf(await proposal('improve', { moneyLeft, hints: ['Mind the leak.', 'Use the weight.'] }));
    expect(text).toContain('About 120000 tokens may still be used. About $1.2 may still be spent.');
    expect(text).toContain('before all else:\n- Mind the leak.\n- Use the weight.');
  });

  test('keeps the code of a script as it is, blank lines and what looks like a template included', async () => {
    const code = 'a = 1\n\n\n\ndef f():\n    return "{{ task }} {% if x %}"\n--- user ---\n';
    expect(textOf(await proposal('improve', { parent: { ...PARENT, code } }))).toContain(code.trimEnd());
  });
});

describe('a draft', () => {
  test('is asked to differ from what was tried, and the first one is told that it is', async () => {
    expect(textOf(await proposal('draft'))).toMatch(/differs in substance from every attempt above/);
    const first = textOf(await proposal('draft', { memory: [] }));
    expect(first).toContain('It is the first attempt.');
    expect(first).not.toContain('Tried so far');
  });

  test('that a command evaluates is not asked to measure itself, nor for a model', async () => {
    const preview = { ...PREVIEW, tables: [] };
    const run = {
      ...MATERIAL.run,
      evaluation: 'command' as const,
      task: { ...TASK, sample: null, test: null },
      preview,
    };
    const text = textOf(await proposal('draft', { run, memory: [] }));
    expect(text).toContain("A program of the task's own evaluates what it leaves behind and sets its score");
    expect(text).toContain('one idea, carried through');
    for (const word of ['Validation metric', 'result.json', 'one kind of model', 'submission.csv', 'fold']) {
      expect(text).not.toContain(word);
    }
  });
});

test("an improvement shows its parent's score, code, output and lesson, and asks for one change", async () => {
  const text = textOf(await proposal('improve'));
  for (const part of [
    '#7, whose rmse is 0.123457',
    PARENT.code.trim(),
    'fold 1: 0.12',
    PARENT.lesson,
    'exactly one change',
  ]) {
    expect(text).toContain(part);
  }
});

describe('a repair', () => {
  test('shows why and where the script failed, and must keep the approach', async () => {
    const text = textOf(await proposal('debug'));
    for (const part of ['(exception)', FAILED.message, FAILED.code.trim(), 'line 3\nKeyError', 'Keep the approach']) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/cheaper|smaller/);
  });

  test.each([
    ['timeout', 'cheaper'],
    ['out_of_memory', 'smaller'],
  ] as const)('of %s is asked for the same made %s', async (reason, word) => {
    expect(textOf(await proposal('debug', { parent: { ...FAILED, reason } }))).toContain(word);
  });
});

describe('the request grows bolder with the number of siblings', () => {
  test('in three steps', () => {
    expect([0, 1, 2, 3, 4, 50].map(boldnessOf)).toEqual(['simple', 'simple', 'moderate', 'moderate', 'bold', 'bold']);
  });

  test('in words of its own for a draft and for an improvement', async () => {
    const texts = [];
    for (const operator of ['draft', 'improve'] as const) {
      for (const siblingsSoFar of [0, 2, 4]) texts.push(textOf(await proposal(operator, { siblingsSoFar })));
    }
    expect(
      texts.map((text) => /Keep it simple|medium depth|Be bold|least work|easy changes|anew from/.exec(text)?.[0]),
    ).toEqual(['Keep it simple', 'medium depth', 'Be bold', 'least work', 'easy changes', 'anew from']);
  });
});

test.each([
  ['reported', 'It measures itself with rmse'],
  ['holdout', 'Its prediction file alone decides'],
  ['command', "A program of the task's own evaluates"],
] as const)('under %s scores a script is told where its score comes from', async (evaluation, rule) => {
  expect(textOf(await proposal('draft', { run: { ...MATERIAL.run, evaluation } }))).toContain(rule);
});

describe("a script's surroundings", () => {
  test('are told in two rules when it gets nothing special', async () => {
    const text = textOf(await proposal('draft'));
    expect(text).toContain('- It has no network and installs nothing. It prints little: no plots, no progress bars.\n');
    expect(text).toContain('- Random choices are made with a fixed seed.\n');
  });

  test('are named as far as the task grants them', async () => {
    const outputs = ['working/model.pkl'];
    const granted = { network: 'on' as const, mounts: ['/models', '/vectors'], gpus: 1, outputs, reruns: 2 };
    const text = textOf(await proposal('draft', { run: { ...MATERIAL.run, task: { ...TASK, ...granted } } }));
    for (const part of [
      'It may use the network, and installs nothing.',
      'It may read `/models` and `/vectors` besides its data',
      'It has one GPU to itself',
      'What it leaves at `./working/model.pkl` is kept.',
      'a fixed seed, which the environment variable COPPICE_SEED replaces when it is set.',
    ]) {
      expect(text).toContain(part);
    }
  });
});

describe('a prompt that a model found too long', () => {
  const long = {
    digest: 'note '.repeat(2000),
    memory: Array.from({ length: 50 }, (_, index) => remembered(100 - index)),
    parent: { ...FAILED, plan: 'plan '.repeat(500) },
  };

  test('gets smaller each time, and keeps task, script, error and request', async () => {
    const prompts = await Promise.all([0, 1, 2, 3].map((shrunk) => proposal('debug', long, shrunk)));
    const sizes = prompts.map(countMessageTokens);
    for (const [index, size] of sizes.slice(1).entries()) expect(size).toBeLessThan(sizes[index] ?? 0);
    for (const text of prompts.map(textOf)) {
      for (const part of [
        TASK.goal,
        FAILED.code.trim(),
        "KeyError: 'colour'",
        'Repair the script',
        './working/submission.csv',
      ]) {
        expect(text).toContain(part);
      }
    }
    expect(textOf(prompts[3] ?? [])).not.toMatch(/Notes on the search|Tried before/);
  });

  test('is the same whenever it is made', async () => {
    expect(await proposal('debug', long, 2)).toEqual(await proposal('debug', long, 2));
  });
});

test.each([
  ['lines of 100,000 characters', 'x'.repeat(100_000)],
  ['emoji', '🦊🐙'.repeat(20_000)],
  ['many lines', 'a b c\nd e\n'.repeat(50_000)],
  ['control tokens and template marks', '<|endoftext|>{{ x }}{% y %} '.repeat(5000)],
])('%s everywhere make no endless prompt', async (_name, text) => {
  const columns = Array.from({ length: 10_000 }, (_, index) => column(`${text.slice(0, 80)}${index}`));
  const preview = { ...PREVIEW, tables: [table('train.csv', columns), table('test.csv', columns)] };
  const run = { ...MATERIAL.run, task: { ...TASK, goal: text }, preview, packages: { [text]: text } };
  const parent = {
    id: 1,
    plan: text,
    code: text,
    metric: null,
    reason: 'exception' as const,
    message: text,
    lesson: text,
    output: text,
  };
  const memory = Array.from({ length: 60 }, (_, index) =>
    remembered(index + 1, { title: text, summary: text, lesson: null }),
  );
  const facts = { run, parent, memory, digest: text, hints: [text] };
  for (const shrunk of [0, 3]) {
    const messages = await proposal('debug', facts, shrunk);
    expect(countMessageTokens(messages)).toBeLessThan(shrunk === 0 ? 40_000 : 13_000);
    expect(textOf(messages)).toContain('Repair the script of #1');
  }
});
