import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { evaluationFileSchema } from '../../src/domain/evaluation';
import { selectionFileSchema } from '../../src/domain/selection';
import { readPythonPath } from '../../src/workers/python-path';
import { readSettings } from '../../src/workers/settings';
import type { Ended, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';

const PROJECT = path.resolve(__dirname, '..', '..');
const INPUT = path.join(PROJECT, 'examples', 'diamonds', 'input');
const ANSWERS = path.join(PROJECT, 'test', 'fixtures', 'diamonds-answers.csv');
const RUN = 'diamonds-1';

/** What `npm start` takes after set-up, many times over: the machine may be busy. */
const LIMIT_MS = 20 * 60_000;

let workplace: Workplace;
let scratch: string;
let python: string;
let ended: Ended;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'coppice-diamonds-'));
  workplace = await makeWorkplace();
  python = await readPythonPath(readSettings({ COPPICE_HOME: workplace.home }));
  ended = await workplace.run(['run', 'examples/diamonds', '--slots', '1', '--seed', '1']);
  console.log(ended.stdout + ended.stderr);
}, LIMIT_MS);

afterAll(async () => {
  await workplace.cleanup();
  await rm(scratch, { recursive: true, force: true });
});

async function runPython(args: readonly string[], cwd: string): Promise<void> {
  await promisify(execFile)(python, args, { cwd, timeout: LIMIT_MS / 2 });
}

async function readStored(key: string): Promise<unknown> {
  return JSON.parse((await workplace.read(key)) ?? 'null');
}

/** Prices by id. */
async function readPrices(file: string): Promise<Map<string, number>> {
  const rows = parse(await readFile(file), { columns: true });
  const prices = z.array(z.object({ id: z.string(), price: z.coerce.number() })).parse(rows);
  return new Map(prices.map(({ id, price }) => [id, price]));
}

/** The task's metric, the mean absolute error in dollars, on rows that no run has seen. */
async function errorOf(file: string): Promise<number> {
  const [answers, predicted] = [await readPrices(ANSWERS), await readPrices(file)];
  expect([...predicted.keys()].sort()).toEqual([...answers.keys()].sort());
  const errors = [...answers].map(([id, price]) => Math.abs(price - (predicted.get(id) ?? NaN)));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

test('the example runs to its end: most nodes work, report and tree are there, and it says that no model was used', async () => {
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ended.stdout.trimEnd().split('\n').at(-1)).toMatch(/^No language model was used/);
  const { nodes, state } = await workplace.readRun(RUN);
  expect(nodes.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(nodes.filter(({ status }) => status === 'working').length).toBeGreaterThanOrEqual(15);
  expect(state).toMatchObject({ state: 'finished', stopReason: 'steps' });
  expect(await workplace.read(`${RUN}/report.md`)).toContain('Best score: ');
  expect(await workplace.read(`${RUN}/tree.html`)).toContain('</html>');
});

test('rows of the training table are withheld by default, and a part that no node was scored on decides', async () => {
  const evaluation = evaluationFileSchema.parse(await readStored(`${RUN}/evaluation.json`));
  expect(evaluation.kind).toBe('holdout');
  expect(evaluation.split).toMatchObject({ trainRows: 6000, searchRows: 1000, selectionRows: 1000, testRows: 2000 });
  const selection = selectionFileSchema.parse(await readStored(`${RUN}/selection.json`));
  expect(selection.candidates).toHaveLength(5);
  expect(selection.candidates.filter(({ selectionScore }) => selectionScore === null)).toEqual([]);
  expect(selection.refit).toEqual({ status: 'ok', message: '' });
  expect(await readStored(`${RUN}/best/node.json`)).toMatchObject({ id: selection.winner });
  const { nodes } = await workplace.readRun(RUN);
  expect(nodes.filter(({ status, standardError }) => (status === 'working') !== (standardError !== null))).toEqual([]);
});

test('on the rows of the answer file, which no run has seen, the best script beats the first draft by far, and plain boosting', async () => {
  const boosting = path.join(scratch, 'boosting.csv');
  await runPython([path.join(__dirname, 'boosting_defaults.py'), INPUT, boosting], scratch);
  const errors = {
    firstDraft: await errorOf(workplace.file(`${RUN}/nodes/1/submission.csv`)),
    best: await errorOf(workplace.file(`${RUN}/best/submission.csv`)),
    boostingDefaults: await errorOf(boosting),
  };
  console.log('mean absolute error on the 2,000 rows of the answer file, in dollars:', errors);
  expect(errors.best).toBeLessThanOrEqual(0.95 * errors.firstDraft);
  expect(errors.best).toBeLessThanOrEqual(errors.boostingDefaults);
});

test(
  'the best script makes the same submission anywhere, beside nothing but the input',
  async () => {
    const directory = path.join(scratch, 'elsewhere');
    await cp(INPUT, path.join(directory, 'input'), { recursive: true });
    await copyFile(workplace.file(`${RUN}/best/solution.py`), path.join(directory, 'solution.py'));
    await runPython(['solution.py'], directory);

    const again = await readPrices(path.join(directory, 'working', 'submission.csv'));
    const submitted = await readPrices(workplace.file(`${RUN}/best/submission.csv`));
    expect([...again.keys()]).toEqual([...submitted.keys()]);
    const differences = [...submitted].map(([id, price]) => Math.abs(price - (again.get(id) ?? NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1e-6);
  },
  LIMIT_MS,
);
