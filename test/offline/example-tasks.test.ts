import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { offlineRefusal } from '../../src/llm/offline/offline-model';
import { loadTask } from '../../src/task/load-task';
import { previewData } from '../../src/task/preview';

const PROJECT = path.resolve(__dirname, '..', '..');
const EXAMPLES = [
  { name: 'breast-cancer', target: 'malignant', train: 400, test: 169 },
  { name: 'birdstrikes', target: 'damaged', train: 6000, test: 2000 },
] as const;

function rowsOf(file: string): Record<string, string>[] {
  return z.array(z.record(z.string(), z.string())).parse(parse(readFileSync(file), { columns: true }));
}

describe.each(EXAMPLES)('$name', ({ name, target, train, test: testRows }) => {
  const input = path.join(PROJECT, 'examples', name, 'input');

  test('can be done offline', async () => {
    const loaded = await loadTask({ task: path.join(PROJECT, 'examples', name) }, PROJECT);
    if (!loaded.ok) throw new Error(loaded.message);
    expect(loaded.task).toMatchObject({ name, target, id: 'id' });
    expect(offlineRefusal(loaded.task, await previewData(input))).toBeNull();
  });

  test('holds no answers: the ids of the answer file are those to predict, and nothing says the target', () => {
    const known = rowsOf(path.join(input, 'train.csv'));
    const asked = rowsOf(path.join(input, 'test.csv'));
    const answers = rowsOf(path.join(PROJECT, 'test', 'fixtures', `${name}-answers.csv`));
    expect([known.length, asked.length]).toEqual([train, testRows]);
    expect(answers.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
    expect(Object.keys(asked[0] ?? {}).filter((column) => /damage|cost|malignant/i.test(column))).toEqual([]);
    const text = (row: Record<string, string>): string =>
      JSON.stringify(Object.entries(row).filter(([column]) => column !== 'id' && column !== target));
    const twins = new Set(known.map(text));
    expect(asked.filter((row) => twins.has(text(row)))).toEqual([]);
  });

  test('is small, and names its source and licence', () => {
    const bytes = readdirSync(input).reduce((sum, file) => sum + statSync(path.join(input, file)).size, 0);
    expect(bytes).toBeLessThan(1_000_000);
    expect(readFileSync(path.join(PROJECT, 'examples', name, 'README.md'), 'utf8')).toMatch(/## Source and licence/);
  });
});
