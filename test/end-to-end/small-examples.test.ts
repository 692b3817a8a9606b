import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';

const PROJECT = path.resolve(__dirname, '..', '..');
const LIMIT_MS = 15 * 60_000;

let workplace: Workplace;

beforeAll(async () => {
  workplace = await makeWorkplace();
}, LIMIT_MS);

afterAll(() => workplace.cleanup());

/** Values of a column by id. */
async function readColumn(file: string, column: string): Promise<Map<string, number>> {
  const rows = z.array(z.record(z.string(), z.string())).parse(parse(await readFile(file), { columns: true }));
  return new Map(rows.map((row) => [row['id'] ?? '', Number(row[column])]));
}

/** How often a row with the target is ranked above one without. */
function areaUnderCurve(answers: ReadonlyMap<string, number>, predicted: ReadonlyMap<string, number>): number {
  const scores = (wanted: number): number[] =>
    [...answers].filter(([, answer]) => answer === wanted).map(([id]) => predicted.get(id) ?? NaN);
  const negatives = scores(0);
  const pairs = scores(1).flatMap((score) =>
    negatives.map((other) => (score > other ? 1 : score === other ? 0.5 : score < other ? 0 : NaN)),
  );
  return pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length;
}

test.each([
  { name: 'breast-cancer', target: 'malignant', evaluation: 'reported', least: 0.97 },
  { name: 'birdstrikes', target: 'damaged', evaluation: 'holdout', least: 0.7 },
])(
  '$name runs offline: its best submission tells the classes apart on rows that no run has seen',
  async ({ name, target, evaluation, least }) => {
    const words = ['run', `examples/${name}`, '--steps', '3', '--slots', '1', '--seed', '1', '--run-id', name];
    const ended = await workplace.run(words);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const { nodes } = await workplace.readRun(name);
    expect(nodes.map(({ status }) => status)).toEqual(['working', 'working', 'working']);
    expect(JSON.parse((await workplace.read(`${name}/evaluation.json`)) ?? 'null')).toMatchObject({ kind: evaluation });
    const answers = await readColumn(path.join(PROJECT, 'test', 'fixtures', `${name}-answers.csv`), target);
    const predicted = await readColumn(workplace.file(`${name}/best/submission.csv`), target);
    expect([...predicted.keys()]).toEqual([...answers.keys()]);
    expect(areaUnderCurve(answers, predicted)).toBeGreaterThan(least);
  },
  LIMIT_MS,
);
