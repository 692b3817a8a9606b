import { countMessageTokens, countTokens } from '../../src/llm/count-tokens';
import { digestVariables, storyVariables } from '../../src/llm/prompts/digest-variables';
import { promptBudget } from '../../src/llm/prompts/prompt-budget';
import { aroundFailure, changesAgainst } from '../../src/llm/prompts/script-excerpt';
import { PARENT, remembered, rendered, review, TASK, textOf } from './prompt-fixture';

const LINES = Array.from({ length: 100 }, (_, index) => `line_${index + 1} = ${index}`);
const CODE = `${LINES.join('\n')}\n`;
const TRACEBACK = `Traceback (most recent call last):
  File "/work/solution.py", line 95, in <module>
  File "/work/solution.py", line 60, in main
  File "/env/pandas/frame.py", line 3000, in get
KeyError: 'x'
`;

describe('a review', () => {
  test('shows plan, script, output and end, and asks for JSON', async () => {
    const text = textOf(await review());
    for (const part of [
      TASK.goal,
      'Use a forest.',
      PARENT.code.trim(),
      'fold 1: 0.12',
      'rmse = 0.5',
      '"is_bug"',
      '"lesson"',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/\n{3,}|\{\{|\{%|Its parent|The best so far/);
  });

  test('of a failure tells why, and shows the head and the lines around those that failed', async () => {
    const failed = { status: 'failed', metric: null, reason: 'exception', message: "KeyError: 'x'" } as const;
    const text = textOf(await review({ ...failed, code: CODE, output: TRACEBACK }));
    expect(text).toContain("(exception). KeyError: 'x'");
    for (const shown of ['line_1 =', 'line_60 =', 'line_95 =']) expect(text).toContain(shown);
    expect(text).not.toContain('line_40 =');
    expect(text).toContain('# … lines 13 to 54 are not shown …');
  });

  test('of a failure without a traceback shows the script', async () => {
    const failed = { status: 'failed', metric: null, reason: 'timeout', message: 'ended after 12 s' } as const;
    const text = textOf(await review({ ...failed, code: CODE, output: '' }));
    expect(text).toContain('(timeout). ended after 12 s');
    expect(text).toContain('line_40 =');
  });

  test('knows the parent and the best, so that the lesson can compare', async () => {
    const parent = remembered(5);
    const both = textOf(await review({ parent, best: remembered(9) }));
    expect(both).toContain('Its parent: #5 (draft, 0.5): Change 5 → Lesson 5');
    expect(both).toContain('The best so far: #9 (draft, 0.9)');
    expect(textOf(await review({ parent, best: parent }))).toContain('The best so far: its parent.');
  });

  const changed = CODE.replace('line_50 = 49', 'line_50 = 4900');
  const origin = { id: 5, code: CODE };

  test('of a script that is scored apart from it shows what it changes of the one it goes back to', async () => {
    const text = textOf(await review({ evaluation: 'holdout', code: changed, origin }));
    expect(text).toContain('what it changes of #5');
    expect(text).toContain('-line_50 = 49\n+line_50 = 4900');
    expect(text).not.toContain('line_40 =');
  });

  test.each([
    ['whose own score counts', { evaluation: 'reported', code: changed, origin } as const],
    ['without one to compare with', { evaluation: 'holdout', code: changed, origin: null } as const],
    [
      'that is all new',
      { evaluation: 'holdout', code: changed, origin: { id: 5, code: 'other = 1\n'.repeat(90) } } as const,
    ],
  ])('of a script %s shows all of it', async (_name, facts) => {
    const text = textOf(await review(facts));
    expect(text).toContain('line_40 =');
    expect(text).not.toContain('```diff');
  });

  test.each([
    ['reported', 'it is measured on rows the model learnt from'],
    ['holdout', 'measured apart from the script'],
    ['command', 'measured apart from the script'],
  ] as const)('under %s scores is told what a bug is', async (evaluation, bug) => {
    expect(textOf(await review({ evaluation }))).toContain(bug);
  });

  test('of something huge stays bounded, and gets smaller when asked to', async () => {
    const huge = {
      code: 'x = 1\ny = 2\n'.repeat(5e4),
      output: 'y\nz\n'.repeat(1e5),
      plan: 'z '.repeat(1e5),
      message: 'm'.repeat(1e5),
    };
    const sizes = [];
    for (const shrunk of [0, 3]) sizes.push(countMessageTokens(await review(huge, shrunk)));
    expect(sizes[0]).toBeLessThan(27_000);
    expect(sizes[1]).toBeLessThan(10_000);
  });
});

describe('parts of a script', () => {
  test('around a failure are all of a short one', () => {
    expect(aroundFailure('a\nb\nc\n', TRACEBACK)).toBeNull();
    expect(aroundFailure(CODE, 'Killed\n')).toBeNull();
  });

  test('that changed are none when most did, however large both are', () => {
    const other = Array.from({ length: 20_000 }, (_, index) => `other_${index} = ${index * 7}`).join('\n');
    const large = Array.from({ length: 20_000 }, (_, index) => `line_${index} = ${index * 3}`).join('\n');
    expect(changesAgainst(large, other)).toBeNull();
    expect(changesAgainst(CODE, CODE)).toBe('');
  });
});

describe('the digest', () => {
  const nodes = [remembered(3, { status: 'failed', metric: null, reason: 'exception' }), remembered(2)];
  const material = { task: TASK, digest: 'Trees work.', nodes, best: remembered(2) };

  test('is asked for with the notes so far and the new results, in order', async () => {
    const text = textOf(await rendered('digest', digestVariables(material, promptBudget(0))));
    expect(text).toContain('## The notes so far\n\nTrees work.');
    expect(text).toMatch(
      /#2 \(draft, 0\.2\): Change 2 → Lesson 2\n- #3 \(draft, failed: exception\): Change 3 → Lesson 3/,
    );
    expect(text).toContain('## The best so far\n\n#2 (draft, 0.2)');
    const first = { ...material, digest: '', best: null };
    expect(textOf(await rendered('digest', digestVariables(first, promptBudget(0))))).toContain('(none yet)');
  });

  test('of very many nodes stays bounded', async () => {
    const many = Array.from({ length: 2000 }, (_, index) => remembered(index + 1));
    const variables = digestVariables({ ...material, nodes: many.slice(0, 60) }, promptBudget(0));
    expect(countMessageTokens(await rendered('digest', variables))).toBeLessThan(4000);
    const shrunk = digestVariables({ ...material, nodes: many.slice(0, 60) }, promptBudget(3));
    expect(countMessageTokens(await rendered('digest', shrunk))).toBeLessThan(1500);
  });
});

test('the story is told from counts, notes, the best and some scripts', async () => {
  const material = {
    task: TASK,
    digest: 'Trees work.',
    nodes: [remembered(2)],
    best: remembered(9),
    working: 7,
    failed: 3,
    stopReason: 'time' as const,
  };
  const text = textOf(await rendered('report', storyVariables(material, promptBudget(0))));
  for (const part of [
    '7 scripts worked, 3 failed',
    'its time was up',
    'Trees work.',
    '#9 (draft, 0.9)',
    '#2 (draft, 0.2)',
  ]) {
    expect(text).toContain(part);
  }
  expect(countTokens(text)).toBeLessThan(1000);
});
