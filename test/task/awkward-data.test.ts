import type { Preview, TablePreview } from '../../src/domain/preview';
import { previewSchema } from '../../src/domain/preview';
import type { Task } from '../../src/domain/task';
import { loadTask } from '../../src/task/load-task';
import { previewData } from '../../src/task/preview';
import { AWKWARD_CASES } from './awkward-data/all-cases';
import type { AwkwardCase, ColumnExpectation } from './awkward-data/awkward-case';
import { DataDirectory } from './data-directory';

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

/** What coppice takes the data for, as a run begins. */
async function takeIn({ name, files, task }: AwkwardCase): Promise<{ task: Task; preview: Preview }> {
  const directory = await data.write(name, files());
  const loaded = await loadTask({ task: task === null ? directory : { data: directory, goal: 'guess', ...task } }, '/');
  if (!loaded.ok) throw new Error(loaded.message);
  const { train, test, sample, target, id } = loaded.task;
  const focus = {
    tables: [train, test, sample].filter((one) => one !== null),
    columns: [target, id].filter((one) => one !== null),
  };
  const preview = await previewData(directory, focus);
  expect(previewSchema.parse(JSON.parse(JSON.stringify(preview)))).toEqual(preview);
  return { task: loaded.task, preview };
}

function tableToLearnFrom({ tables }: Preview, train: string | null): TablePreview | undefined {
  return tables.find(({ path }) => path === train) ?? tables.find(({ member }) => member === 'train.csv');
}

function expectColumn(table: TablePreview, name: string, { example, dateFormats, ...facts }: ColumnExpectation): void {
  const found = table.columns.find((column) => column.name === name);
  expect(found).toMatchObject(facts);
  if (example !== undefined) expect(found?.examples).toContain(example);
  if (dateFormats !== undefined) expect([...(found?.dateFormats ?? [])].sort()).toEqual([...dateFormats].sort());
}

test('there are more than 20 kinds, each with a name of its own', () => {
  expect(new Set(AWKWARD_CASES.map(({ name }) => name)).size).toBe(AWKWARD_CASES.length);
  expect(AWKWARD_CASES.length).toBeGreaterThan(20);
});

test.each(AWKWARD_CASES)('$name', async (awkward) => {
  const { task, preview } = await takeIn(awkward);
  const inferred = Object.fromEntries(task.inferred.map(({ what, value }) => [what, value]));
  expect(inferred).toMatchObject(awkward.inferred ?? {});
  for (const { reason } of task.inferred) expect(reason).toMatch(/\S/);
  const problems = preview.problems.map(({ message }) => message).join('; ');
  expect(problems).toMatch(awkward.problem ?? /^(it is not UTF-8 but .*)?$/);
  const table = tableToLearnFrom(preview, task.train);
  if (awkward.refused !== undefined) expect(table).toBeUndefined();
  if (awkward.table !== undefined) {
    const { encoding = table?.encoding ?? '', ...facts } = awkward.table;
    expect(table).toMatchObject(facts);
    expect(table?.encoding).toEqual(typeof encoding === 'string' ? encoding : expect.stringMatching(encoding));
  }
  for (const [name, facts] of Object.entries(awkward.columns ?? {})) {
    expect(table).toBeDefined();
    if (table !== undefined) expectColumn(table, name, facts);
  }
});
