import { ALL_BLOCKS } from '../../src/llm/offline/blocks/block-list';
import { createOfflineModel } from '../../src/llm/offline/offline-model';
import { runCheck } from '../../src/checks/run-check';
import { DRAFT_FACTS, TASK, triedNode, workingParent } from '../offline/support/facts';
import { askOffline } from '../offline/support/offline-search';
import { realPython } from '../sandbox/real-python';

const python = realPython();
const task = { train: 'train.csv', test: 'test.csv', target: 'price' };

describe('a check that cannot be made finds nothing', () => {
  it.each([
    ['code that is no Python', 'def broken(:\n'],
    ['an empty script', ''],
    ['bytes that no source may have', 'x = "\0"\n'],
    ['nesting without end', `${'('.repeat(5000)}1${')'.repeat(5000)}\n`],
    ['a function that calls itself', 'def f(n):\n    return f(n - 1)\nf(3)\n'],
    [
      'calls that multiply',
      `${Array.from({ length: 9 }, (_, n) => `def f${n}():\n${`    f${n + 1}()\n`.repeat(9)}`).join('')}f0()\n`,
    ],
  ])('of %s', async (_what, code) => {
    expect(await runCheck(python, { check: 'script', code, task })).toEqual([]);
  });

  it('without an interpreter', async () => {
    expect(await runCheck('/nowhere/python', { check: 'script', code: 'x = 1\n', task })).toEqual([]);
  });

  it('within its time', async () => {
    expect(await runCheck(python, { check: 'script', code: 'x = 1\n', task }, 1)).toEqual([]);
  });

  it('of files that are not there', async () => {
    const request = { predictions: '/nowhere/a.csv', sample: '/nowhere/b.csv', test: null, id_column: null };

    expect(await runCheck(python, { check: 'predictions', ...request })).toEqual([]);
  });
});

it('what the offline model writes is followed to its end', async () => {
  const { code } = await askOffline({ ...DRAFT_FACTS, nodeId: 1 }, createOfflineModel(ALL_BLOCKS));
  const request = { check: 'script', task: { ...task, target: 'price' } } as const;
  const leaking = code.replace('NUMERIC = [', 'NUMERIC = ["price", ');
  const fitted = code.replace(
    'NUMBERS = [',
    'columns[NUMERIC] = SimpleImputer().fit_transform(columns[NUMERIC])\nNUMBERS = [',
  );

  expect((await runCheck(python, { ...request, code: leaking })).map(({ kind }) => kind)).toEqual([
    'target_as_feature',
  ]);
  expect((await runCheck(python, { ...request, code: fitted })).map(({ kind }) => kind)).toEqual(['fit_before_split']);
});

it('what the offline model writes is not suspected, whichever of its blocks it uses', async () => {
  const suspected: string[] = [];
  for (const nodeId of [1, 2, 3, 4, 5]) {
    const first = (await askOffline({ ...DRAFT_FACTS, nodeId }, createOfflineModel(ALL_BLOCKS))).code;
    const scripts = [first];
    for (let step = 6; step <= 12; step += 1) {
      const parent = workingParent(1, scripts.at(-1) ?? first, 10);
      const tried = scripts.map((code, index) => triedNode(index + 1, null, code));
      const facts = { ...DRAFT_FACTS, nodeId: step, operator: 'improve', parent, tried } as const;
      scripts.push((await askOffline(facts, createOfflineModel(ALL_BLOCKS))).code);
    }
    for (const code of scripts) {
      const marks = await runCheck(
        python,
        { check: 'script', code, task: { ...task, target: TASK.target ?? '' } },
        60_000,
      );
      if (marks.length > 0) suspected.push(`${marks.map(({ message }) => message).join()}\n${code}`);
    }
  }
  expect(suspected).toEqual([]);
});
