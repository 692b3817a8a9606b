import { countTokens } from '../../src/llm/count-tokens';
import { cutMiddle, cutToTokens } from '../../src/llm/prompts/excerpt';
import { memoryText } from '../../src/llm/prompts/memory-text';
import { outputExcerpt } from '../../src/llm/prompts/output-excerpt';
import { previewText } from '../../src/llm/prompts/preview-text';
import { rememberedIds } from '../../src/llm/remembered-ids';
import { column, CUT, PREVIEW, remembered, table, TASK } from './prompt-fixture';

describe('tokens', () => {
  test('are those of o200k_base', () => {
    expect(countTokens('hello world')).toBe(2);
    expect(countTokens('')).toBe(0);
  });

  test('of what looks like a control token are those of its text', () => {
    expect(countTokens('<|endoftext|>')).toBeGreaterThan(1);
  });

  test.each(['a', '🦊', ' ', '\n', '汉', '\ud800'])('of 200,000 times %j are counted in no time', (text) => {
    const start = performance.now();
    expect(countTokens(text.repeat(200_000))).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe('a text that is cut', () => {
  const text = Array.from({ length: 3000 }, (_, index) => `word${index}`).join(' ');

  test('at its end keeps its beginning, within the limit', () => {
    const cut = cutToTokens(text, 50);
    expect(countTokens(cut)).toBeLessThanOrEqual(51);
    expect(countTokens(cut)).toBeGreaterThan(40);
    expect(text.startsWith(cut.slice(0, -1))).toBe(true);
    expect(cutToTokens('short', 50)).toBe('short');
    expect(cutToTokens(text, 0)).toBe('');
  });

  test('in its middle keeps both ends and says how much is gone', () => {
    const cut = cutMiddle(text, 100);
    expect(countTokens(cut)).toBeLessThan(120);
    expect(cut.startsWith('word0 word1')).toBe(true);
    expect(cut.endsWith('word2999')).toBe(true);
    expect(cut).toMatch(/… \d+ characters left out …/);
  });

  test.each(['🦊', '👨‍👩‍👧‍👦', '汉字'])('leaves no half of %s', (sign) => {
    for (const limit of [7, 8, 9, 10]) {
      expect(cutMiddle(sign.repeat(500), limit)).not.toMatch(
        /\uFFFD|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/,
      );
    }
  });
});

describe('the memory', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    remembered(500 - index, {
      lesson: { idea: '', change: 'many words '.repeat(30), result: '', lesson: 'word '.repeat(200) },
      ...(index % 2 === 0 ? {} : { status: 'failed', metric: null, reason: 'exception' }),
    }),
  );

  test('stays within its limit, keeps the most valuable and the failed, and leaves out the rest', () => {
    const text = memoryText(many, 700);
    expect(countTokens(text)).toBeLessThanOrEqual(700);
    expect(countTokens(text)).toBeGreaterThan(600);
    expect(text).toContain('#500 ');
    expect(text).toContain('#499 (draft, failed: exception)');
    expect(text).not.toContain('#1 ');
    expect(memoryText(many, 0)).toBe('');
  });

  test('is told in the order in which it was tried, an entry a line of bounded length', () => {
    const lines = memoryText(many.slice(0, 5), 700).split('\n');
    expect(lines.map((line) => Number(/#(\d+)/.exec(line)?.[1]))).toEqual([496, 497, 498, 499, 500]);
    for (const line of lines) expect(countTokens(line)).toBeLessThanOrEqual(46);
  });

  test('says of each node what it is, how it ended, and what was changed and learnt', () => {
    const failure = { status: 'failed', metric: null, reason: 'out_of_memory', message: 'Used 9 GB.' } as const;
    const nodes = [
      remembered(4, { operator: 'improve', parent: 2 }),
      remembered(5, { status: 'in_flight', metric: null, summary: '', lesson: null }),
      remembered(6, { ...failure, summary: '', lesson: null }),
      remembered(7, { lesson: null }),
    ];
    expect(memoryText(nodes, 700).split('\n')).toEqual([
      '- #4 (improve of #2, 0.4): Change 4 → Lesson 4',
      '- #5 (draft, being tried now): Idea 5',
      '- #6 (draft, failed: out of memory): Idea 6 → Used 9 GB.',
      '- #7 (draft, 0.7): Idea 7 → Summary 7',
    ]);
  });

  const context = { siblings: [2, 8], best: [5, 6], recent: [9, 10], failed: [3, 4], ancestors: [7, 1], pruned: [] };

  test.each([
    ['all', [5, 8, 10, 4, 6, 2, 9, 3, 1]],
    ['siblings', [8, 10, 5, 4, 2, 9, 6, 3]],
    ['ancestors', [1]],
    ['none', []],
  ] as const)('of scope %s takes the kinds in turns, the most valuable first, without the parent', (scope, ids) => {
    expect(rememberedIds(context, scope, 7)).toEqual(ids);
  });
});

describe('the preview', () => {
  test('tells of columns, the training table first and its target and id before the others', () => {
    const text = previewText(PREVIEW, TASK, { limit: 1500, samples: true });
    expect(text).toMatch(
      /train\.csv \(500\.0 kB\): 8000 rows, 5 columns\n- row_id \[id\].*\n- price \[target\]: number.*0 to 10, mean 5/,
    );
    expect(text).toContain('carat: number, 10 % missing');
    expect(text).toContain('cut: text, about 5 distinct, such as "Ideal"');
    expect(text).toMatch(/test\.csv: .*\nIts columns are those of train\.csv \(without price\)/);
    expect(text).toContain('sample_submission.csv: 8000 rows, 2 columns: row_id, price');
    expect(text).toContain('- notes.txt (200 B)');
    expect(text).toContain('broken.csv: no columns');
  });

  test('of 2,000 columns stays within its limit, keeps the target and counts what it leaves out', () => {
    const wide = Array.from({ length: 2000 }, (_, index) =>
      column(`feature_${index}`, index % 2 ? {} : { type: 'text' }),
    );
    const tables = [table('train.csv', [...wide, column('price')], 300), table('test.csv', wide, 300)];
    const text = previewText({ ...PREVIEW, tables, problems: [] }, TASK, { limit: 1500, samples: true });
    expect(countTokens(text)).toBeLessThanOrEqual(1501);
    expect(text).toContain('price [target]');
    expect(text).toMatch(
      /and [12]\d\d\d more columns \(\d+ text, \d+ number, 300 not looked at, named feature_\d+ to feature_1999\)/,
    );
    expect(text).toContain('Its columns are those of train.csv (without price)');
  });

  test.each([
    ['long names', [table('train.csv', [column('n'.repeat(5000)), column('price')])]],
    [
      'names of emoji',
      [
        table(
          'train.csv',
          Array.from({ length: 10_000 }, (_, index) => column(`${'🦊'.repeat(40)}${index}`)),
        ),
      ],
    ],
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
    const text = previewText({ ...PREVIEW, files, tables }, TASK, { limit: 1500, samples: true });
    expect(countTokens(text)).toBeLessThanOrEqual(1501);
    expect(text).toContain(tables[0]?.path);
    expect(text).toMatch(/and \d+ more/);
  });
});

describe('an excerpt of the output', () => {
  const traceback = 'Traceback (most recent call last):\n  File "solution.py", line 9\nValueError: bad\n';
  const noise = (count: number): string =>
    Array.from({ length: count }, (_, index) => `step ${index} of it\n`).join('');

  test('is the whole when that fits', () => {
    expect(outputExcerpt('a\nb\n', 100)).toBe('a\nb');
  });

  test.each([
    ['at the end', `begin\n${noise(9000)}${traceback}`],
    ['in the middle', `begin\n${noise(9000)}${traceback}${noise(4000)}end`],
    ['near the beginning', `begin\n${traceback}${noise(4000)}end`],
  ])('keeps beginning, end and a traceback %s', (_name, output) => {
    const excerpt = outputExcerpt(output, 300);
    expect(countTokens(excerpt)).toBeLessThanOrEqual(300);
    expect(countTokens(excerpt)).toBeGreaterThan(200);
    expect(excerpt.startsWith('begin')).toBe(true);
    expect(excerpt.endsWith(output.trim().slice(-10))).toBe(true);
    expect(excerpt).toContain('line 9\nValueError: bad');
    expect(excerpt).toMatch(/… \d+ lines left out …/);
  });

  test('keeps the result wherever it stands', () => {
    const excerpt = outputExcerpt(`${noise(3000)}Validation metric (mae): 512.5\n${noise(3000)}`, 200);
    expect(excerpt).toContain('Validation metric (mae): 512.5');
    expect(countTokens(excerpt)).toBeLessThanOrEqual(200);
  });

  test('of a deep traceback keeps the error and the innermost calls', () => {
    const frames = Array.from(
      { length: 500 },
      (_, index) => `  File "solution.py", line ${index}, in f\n    f()\n`,
    ).join('');
    const output = `${noise(500)}Traceback (most recent call last):\n${frames}RecursionError: too deep\n${noise(500)}`;
    const excerpt = outputExcerpt(output, 400);
    expect(excerpt).toContain('line 499, in f');
    expect(excerpt).toContain('RecursionError: too deep');
    expect(excerpt).not.toContain('line 100, in f');
  });

  test('keeps only the last state of a progress bar, and one of many like lines', () => {
    expect(outputExcerpt('start\n 1 %\r 50 %\r100 %\nend\r\n', 100)).toBe('start\n100 %\nend');
    expect(outputExcerpt('warning\n'.repeat(1000), 100)).toBe('warning');
  });

  test.each(['x'.repeat(1e6), '🦊'.repeat(1e5), `${'y '.repeat(1e5)}\n`.repeat(20)])(
    'of endless lines is bounded',
    (output) => {
      expect(countTokens(outputExcerpt(output, 300))).toBeLessThanOrEqual(700);
    },
  );
});
