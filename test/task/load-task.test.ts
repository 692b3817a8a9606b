import { appendFile, symlink, truncate } from 'node:fs/promises';
import path from 'node:path';
import { PLAIN_TASK } from '../../src/domain/task';
import { loadTask } from '../../src/task/load-task';
import type { LoadedTask } from '../../src/task/load-task';
import { DataDirectory } from './data-directory';

const TRAIN = 'id,size,price\n1,2,3\n';
const TEST = 'id,size\n2,3\n';
const SAMPLE = 'id,price\n2,0\n';
const TABLES = { 'input/train.csv': TRAIN, 'input/test.csv': TEST, 'input/sample_submission.csv': SAMPLE };
const YAML = 'goal: guess\nmetric: rmse\n';
const HOW =
  'give a directory with a task.yaml or a description.md, one of these files itself, or --data, --goal and --metric';

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

function messageOf(loaded: LoadedTask): string {
  expect(loaded).toMatchObject({ ok: false });
  if (loaded.ok) throw new Error('the task was accepted');
  expect(loaded.message).not.toContain('\n');
  return loaded.message;
}

function taskOf(loaded: LoadedTask) {
  if (!loaded.ok) throw new Error(loaded.message);
  return loaded.task;
}

/** The message for a task directory of these files, with the directory's path written as `<task>`. */
async function complaintAbout(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const directory = await data.write(name, files);
  return messageOf(await loadTask({ task: directory }, '/')).replaceAll(directory, '<task>');
}

describe('what is settled', () => {
  test('files, target and id are found by their usual names and columns', async () => {
    const directory = await data.write('House prices (Übung)', { 'task.yaml': YAML, ...TABLES });
    const settled = {
      ...PLAIN_TASK,
      name: 'House-prices-Ubung',
      goal: 'guess',
      dataDirectory: path.join(directory, 'input'),
      metric: 'rmse',
      direction: 'minimize',
      target: 'price',
      id: 'id',
      train: 'train.csv',
      test: 'test.csv',
      sample: 'sample_submission.csv',
      inferred: [
        { what: 'train', value: 'train.csv', reason: 'by its name' },
        { what: 'test', value: 'test.csv', reason: 'by its name' },
        { what: 'sample', value: 'sample_submission.csv', reason: 'by its name' },
        { what: 'direction', value: 'minimize', reason: 'more rmse is worse' },
        {
          what: 'target',
          value: 'price',
          reason: 'the only column of sample_submission.csv besides the id that test.csv lacks',
        },
        { what: 'id', value: 'id', reason: 'the first column of sample_submission.csv' },
      ],
    };
    expect(taskOf(await loadTask({ task: directory }, '/'))).toEqual(settled);
    expect(taskOf(await loadTask({ task: 'House prices (Übung)/task.yaml' }, data.root))).toEqual(settled);
  });

  test('what the file says wins over what would be found', async () => {
    const directory = await data.write('explicit', {
      'task.yaml': [
        'name: mine',
        'goal: "  guess  "',
        'data: tables',
        'metric: RMSE',
        'direction: maximize',
        'target: size',
        'id: price',
        'train: tables/learn/a.csv',
        'test: b.tsv',
        'sample: c.csv',
      ].join('\n'),
      'tables/learn/a.csv': TRAIN,
      'tables/b.tsv': 'id\tsize\n',
      'tables/c.csv': SAMPLE,
      'tables/train.csv': 'other\n1\n',
    });
    expect(taskOf(await loadTask({ task: directory }, '/'))).toMatchObject({
      name: 'mine',
      goal: 'guess',
      metric: 'RMSE',
      direction: 'maximize',
      target: 'size',
      id: 'price',
      train: 'learn/a.csv',
      test: 'b.tsv',
      sample: 'c.csv',
    });
  });

  test('a task given by its parts is named after its data and may name no file at all', async () => {
    await data.write('wine/input', { 'everything.parquet': 'PAR1' });
    const task = { data: 'wine/input', goal: 'guess', metric: 'speed', direction: 'maximize' } as const;
    expect(taskOf(await loadTask({ task }, data.root))).toEqual({
      ...PLAIN_TASK,
      name: 'wine',
      goal: 'guess',
      dataDirectory: data.at('wine', 'input'),
      metric: 'speed',
      direction: 'maximize',
      target: null,
      id: null,
      train: null,
      test: null,
      sample: null,
    });
  });

  test.each<{ what: string; files: Record<string, string>; expected: Record<string, unknown> }>([
    {
      what: 'names in capitals and tabs',
      files: { 'TRAIN.TSV': 'k\ta\ty\n', 'Test.tsv': 'k\ta\n', 'sampleSubmission.csv': 'k,y\n' },
      expected: { train: 'TRAIN.TSV', test: 'Test.tsv', sample: 'sampleSubmission.csv', target: 'y', id: 'k' },
    },
    {
      what: 'two columns to predict',
      files: { 'train.csv': 'id,a,y,z\n', 'test.csv': 'id,a\n', 'sample_submission.csv': 'id,y,z\n' },
      expected: { target: null, id: 'id' },
    },
    {
      what: 'a sample whose column stands in no training table',
      files: { 'train.csv': 'id,a,y\n', 'test.csv': 'id,a\n', 'sample_submission.csv': 'id,prediction\n' },
      expected: { target: null, id: 'id' },
    },
    {
      what: 'no sample, one column missing in the rows to predict',
      files: { 'train.csv': 'a,b,y\n', 'test.csv': 'a,b\n' },
      expected: { target: 'y', id: null, sample: null },
    },
    {
      what: 'only a training table',
      files: { 'train.csv': 'a,b,y\n' },
      expected: { train: 'train.csv', target: null, test: null },
    },
    {
      what: 'a byte order mark, quoted names with line breaks, semicolons',
      files: {
        'train.csv': '\ufeff"id";"first\nname";"a;b"\n',
        'test.csv': '"id";"first\nname"\n',
        'sample_submission.csv': 'id;"a;b"\n',
      },
      expected: { id: 'id', target: 'a;b' },
    },
    {
      what: 'a hidden file beside them',
      files: { '.train.csv': 'nonsense', 'train.csv': 'a\n' },
      expected: { train: 'train.csv' },
    },
  ])('tables are understood: $what', async ({ what, files, expected }) => {
    const directory = await data.write(`understood ${what}`, files);
    const task = { data: directory, goal: 'guess', metric: 'rmse' };
    expect(taskOf(await loadTask({ task }, '/'))).toMatchObject(expected);
  });

  test('of a table of 20 GB only the beginning is read', async () => {
    const directory = await data.write('huge', { ...TABLES, 'task.yaml': YAML });
    const file = path.join(directory, 'input', 'train.csv');
    await appendFile(file, '1,2,3\n'.repeat(1_000_000));
    await truncate(file, 20 * 1024 ** 3);
    expect(taskOf(await loadTask({ task: directory }, '/'))).toMatchObject({ train: 'train.csv', target: 'price' });
  });

  test('names that could not be directories are made safe', async () => {
    await data.write('named', TABLES);
    for (const [given, safe] of [
      ['../..', 'task'],
      ['a/b c', 'a-b-c'],
      ['日本', 'task'],
      ['x'.repeat(80), 'x'.repeat(80)],
    ] as const) {
      await data.write('named', { 'task.yaml': `${YAML}name: "${given}"\n` });
      expect(taskOf(await loadTask({ task: data.at('named') }, '/')).name).toBe(safe);
    }
  });
});

describe('how rows are to be withheld', () => {
  test('by group or time and with a scorer of its own', async () => {
    const files = { ...TABLES, 'score.py': 'def score(truth, predictions): ...\n' };
    await data.write('hidden', { 'task.yaml': `${YAML}group: size\nscorer: ./score.py\n`, ...files });
    const loaded = await loadTask({ task: 'hidden' }, data.root);
    expect(taskOf(loaded)).toMatchObject({ group: 'size', time: null, scorer: 'scorer/score.py' });
    expect(loaded.ok && loaded.files).toEqual([{ name: 'scorer/score.py', absolute: data.at('hidden', 'score.py') }]);
  });

  test.each([
    ['group: shop\n', /^"group" in .*task.yaml names shop, which is no column of train.csv; /],
    ['time: when\n', /^"time" in .*task.yaml names when, which is no column of train.csv; /],
    ['time: size\ngroup: size\n', /^"group" in .*task.yaml and "time" exclude each other: /],
    ['scorer: score.sh\n', /^"scorer" in .*task.yaml names score.sh, which is no Python file; /],
    ['scorer: missing.py\n', /^"scorer" in .*task.yaml names missing.py, but .*missing.py does not exist; /],
  ])('%j is refused', async (lines, message) => {
    await data.write('hidden', { 'task.yaml': `${YAML}${lines}`, ...TABLES });
    expect(messageOf(await loadTask({ task: 'hidden' }, data.root))).toMatch(message);
  });
});

describe('what is refused, in one line that says what to do', () => {
  test('a path that leads nowhere', async () => {
    expect(messageOf(await loadTask({ task: 'nowhere' }, data.root))).toBe(
      `Task ${data.at('nowhere')} does not exist; ${HOW}.`,
    );
    await symlink('gone', data.at('dangling'));
    expect(messageOf(await loadTask({ task: 'dangling' }, data.root))).toBe(
      `Task ${data.at('dangling')} is a link that leads nowhere; ${HOW}.`,
    );
    await symlink('circle', data.at('circle'));
    expect(messageOf(await loadTask({ task: 'circle' }, data.root))).toBe(
      `Task ${data.at('circle')} is a link that leads nowhere; ${HOW}.`,
    );
    expect(messageOf(await loadTask({ task: 'a\0b' }, '/'))).toBe(
      `Task /a\0b has a character in its name that no path can have; ${HOW}.`,
    );
  });

  test('a file that is no task', async () => {
    const directory = await data.write('files', { 'train.csv': TRAIN });
    expect(messageOf(await loadTask({ task: 'train.csv' }, directory))).toBe(
      `Task ${directory}/train.csv is neither a directory, a .yaml file nor a description.md; ${HOW}.`,
    );
    expect(messageOf(await loadTask({ task: 'train.csv/input' }, directory))).toBe(
      `Task ${directory}/train.csv/input does not exist; ${HOW}.`,
    );
  });

  test('a directory without a readable task.yaml', async () => {
    expect(await complaintAbout('empty', {})).toBe(`Task file <task>/task.yaml does not exist; ${HOW}.`);
    expect(await complaintAbout('folder', { 'task.yaml/x': '' })).toBe(
      `Task file <task>/task.yaml is a directory, not a file; ${HOW}.`,
    );
    expect(await complaintAbout('fat', { 'task.yaml': ' '.repeat(1024 * 1024 + 1) })).toBe(
      `Task file <task>/task.yaml is larger than 1 MiB; ${HOW}.`,
    );
  });

  test('a task.yaml with mistakes, all of them named', async () => {
    expect(await complaintAbout('blank', { 'task.yaml': '# nothing\n' })).toBe(
      'Task file <task>/task.yaml holds no settings; write at least "goal: …" and "metric: …" in it.',
    );
    expect(await complaintAbout('broken', { 'task.yaml': 'goal: a: b\n' })).toBe(
      'Task file <task>/task.yaml is not valid YAML: ' +
        'Nested mappings are not allowed in compact mappings at line 1, column 7.',
    );
    expect(await complaintAbout('alias', { 'task.yaml': 'goal: *unknown\nmetric: rmse\n' })).toBe(
      'Task file <task>/task.yaml is not valid YAML: Unresolved alias (the anchor must be set before the alias): unknown.',
    );
    const wrong = 'goal: 7\ndirection: up\nsteps: 3\ntrain: ""\n';
    expect(await complaintAbout('wrong', { 'task.yaml': wrong })).toBe(
      'Task file <task>/task.yaml is wrong: goal: Invalid input: expected string, received number; metric: missing; ' +
        'direction: Invalid option: expected one of "maximize"|"minimize"; ' +
        'train: Too small: expected string to have >=1 characters; steps: unknown key.',
    );
  });

  test.each([
    ['evaluation: command', 'evaluation: expected "reported", "holdout" or {command: …}'],
    ['evaluation: 7', 'evaluation: expected "reported", "holdout" or {command: …}'],
    ['evaluation: {}', 'evaluation.command: missing'],
    [
      'evaluation: {command: x, limit: soon}',
      'evaluation.limit: expected a duration such as "90s", "10m", "1h30m" or seconds',
    ],
    ['evaluation: {command: x, file: [a]}', 'evaluation.file: unknown key'],
    ['outputs: [a, 7]', 'outputs[1]: Invalid input: expected string, received number'],
  ])('%s in a task.yaml, with the key and what it may be', async (line, problem) => {
    expect(await complaintAbout('wrong within', { 'task.yaml': `${YAML}${line}\n` })).toBe(
      `Task file <task>/task.yaml is wrong: ${problem}.`,
    );
  });

  test('an unknown metric without a direction', async () => {
    expect(await complaintAbout('metric', { 'task.yaml': 'goal: g\nmetric: wizardry\n' })).toBe(
      'Metric wizardry is not known here, so "direction" in <task>/task.yaml must be given: maximize or minimize.',
    );
    const task = { data: data.at('metric'), goal: 'g', metric: 'wizardry' };
    expect(messageOf(await loadTask({ task }, '/'))).toBe(
      'Metric wizardry is not known here, so --direction must be given: maximize or minimize.',
    );
  });

  test.each([
    ['rmes', '"rmse"'],
    ['ROOT mean square error', '"root_mean_squared_error"'],
    ['f1-marco', '"f1_macro"'],
    ['mze', '"mse" or "mae"'],
  ])('a metric %s that is close to known ones names them', async (metric, meant) => {
    await data.write('close metric', TABLES);
    const task = { data: data.at('close metric', 'input'), goal: 'g', metric };
    expect(messageOf(await loadTask({ task }, '/'))).toBe(
      `Metric ${metric} is not known here; did you mean ${meant}? ` +
        'For one of your own, --direction must be given: maximize or minimize.',
    );
    expect(taskOf(await loadTask({ task: { ...task, direction: 'minimize' } }, '/')).metric).toBe(metric);
  });

  test('a data directory that is missing, no directory, or empty', async () => {
    const fix = 'put the data there or correct "data" in <task>/task.yaml.';
    expect(await complaintAbout('no data', { 'task.yaml': YAML })).toBe(
      `Data directory <task>/input does not exist; ${fix}`,
    );
    expect(await complaintAbout('file for data', { 'task.yaml': YAML, input: 'x' })).toBe(
      `Data directory <task>/input is not a directory; ${fix}`,
    );
    await data.write('nothing in it/input/deeper', { '.hidden': '' });
    expect(await complaintAbout('nothing in it', { 'task.yaml': YAML })).toBe(
      `Data directory <task>/input holds no files; ${fix}`,
    );
    await data.write('void', {});
    const task = { data: 'void', goal: 'g', metric: 'rmse' };
    expect(messageOf(await loadTask({ task }, data.root))).toBe(
      `Data directory ${data.at('void')} holds no files; put the data there or correct --data.`,
    );
  });

  test('a file that cannot be read', async () => {
    await data.write('dangling data', { 'task.yaml': YAML, 'input/train.csv': TRAIN });
    await symlink('gone.csv', data.at('dangling data', 'input', 'extra.csv'));
    expect(await complaintAbout('dangling data', {})).toBe(
      'Data file <task>/input/extra.csv is a link that leads nowhere; make it readable or move it away.',
    );
    expect(await complaintAbout('folder for train', { 'task.yaml': YAML, 'input/train.csv/x': '' })).toBe(
      'Data file <task>/input/train.csv is a directory, not a file; make it readable or move it away.',
    );
  });

  test('a table without a header line', async () => {
    const remedy = 'replace it or move it away.';
    expect(await complaintAbout('train of 0 bytes', { 'task.yaml': YAML, 'input/train.csv': '' })).toBe(
      `Data file <task>/input/train.csv is no table: it is empty; ${remedy}`,
    );
    expect(await complaintAbout('train of blanks', { 'task.yaml': YAML, 'input/train.csv': '\n\n' })).toBe(
      `Data file <task>/input/train.csv is no table: it has no header line; ${remedy}`,
    );
    const junk = Uint8Array.from([137, 80, 78, 71, 0, 1, 2]);
    expect(await complaintAbout('train of junk', { 'task.yaml': YAML, 'input/train.csv': junk })).toBe(
      `Data file <task>/input/train.csv is no table: it is not a text file; ${remedy}`,
    );
  });

  test('a named file that is not there, or outside of the data', async () => {
    expect(await complaintAbout('no train', { 'task.yaml': `${YAML}train: learn.csv`, ...TABLES })).toBe(
      '"train" in <task>/task.yaml names learn.csv, which is not in <task>/input; ' +
        'there is sample_submission.csv, test.csv, train.csv. Correct the name or add the file.',
    );
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`input/f${index + 10}.csv`, 'a\n']));
    expect(await complaintAbout('outside', { 'task.yaml': `${YAML}sample: ../task.yaml`, ...many })).toBe(
      '"sample" in <task>/task.yaml names ../task.yaml, which is not in <task>/input; there is f10.csv, f11.csv, ' +
        'f12.csv, f13.csv, f14.csv, f15.csv, f16.csv, f17.csv, f18.csv, f19.csv and 2 more. ' +
        'Correct the name or add the file.',
    );
  });

  test('a target or id that is no column, with the columns it may have meant', async () => {
    expect(await complaintAbout('misspelt', { 'task.yaml': `${YAML}target: Prise`, ...TABLES })).toBe(
      '"target" in <task>/task.yaml names Prise, which is no column of train.csv; did you mean price?',
    );
    const wide = Array.from({ length: 12 }, (_, index) => `c${index}`).join(',');
    expect(
      await complaintAbout('absent', { 'task.yaml': `${YAML}target: outcome`, 'input/train.csv': `${wide}\n` }),
    ).toBe(
      '"target" in <task>/task.yaml names outcome, which is no column of train.csv; ' +
        'its columns are c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ….',
    );
    const task = { data: data.at('absent', 'input'), goal: 'g', metric: 'rmse', target: 'outcome' };
    expect(messageOf(await loadTask({ task }, '/'))).toMatch(/^--target names outcome, which is no column/);
    expect(await complaintAbout('wrong id', { 'task.yaml': `${YAML}id: size`, ...TABLES })).toBe(
      '"id" in <task>/task.yaml names size, which is no column of sample_submission.csv; its columns are id, price.',
    );
  });
});

describe('a target or id where no table was taken for the one to learn from', () => {
  const SHOPS = {
    'input/shops.csv': 'shop,town\n1,Bonn\n',
    'input/towns.tsv': 'town\tpeople\nBonn\t9\n',
    'input/2024/sales.csv': 'shop,day,revenue\n1,2,3\n',
  };
  const loadWith = async (name: string, files: Record<string, string>, settings: { target?: string; id?: string }) => {
    await data.write(name, files);
    return loadTask({ task: { data: data.at(name, 'input'), goal: 'g', metric: 'rmse', ...settings } }, '/');
  };

  test('may stand in any table, also one in a folder', async () => {
    const task = taskOf(await loadWith('shops', SHOPS, { target: 'revenue', id: 'day' }));
    expect(task).toMatchObject({ train: null, target: 'revenue', id: 'day' });
  });

  test('is refused when it stands in none, with what to do', async () => {
    expect(messageOf(await loadWith('shops', SHOPS, { target: 'revenu' }))).toBe(
      '--target names revenu, which is no column of shops.csv, towns.tsv or 2024/sales.csv; did you mean revenue? ' +
        'Correct the name, or give the file to learn from by --train.',
    );
    expect(messageOf(await loadWith('shops', SHOPS, { target: 'revenue', id: 'customer number' }))).toBe(
      '--id names customer number, which is no column of shops.csv, towns.tsv or 2024/sales.csv; ' +
        'their columns are shop, town, people, day, revenue. Correct the name, or give the file to learn from by --train.',
    );
    expect(await complaintAbout('shops', { 'task.yaml': `${YAML}target: revenu` })).toMatch(
      /did you mean revenue\? Correct the name, or give the file to learn from by "train" in <task>\/task\.yaml\.$/,
    );
  });

  test('is refused with the first of many tables', async () => {
    const days = Object.fromEntries([11, 12, 13, 14, 15].map((day) => [`input/day ${day}.csv`, `hour,c${day}\n1,2\n`]));
    expect(messageOf(await loadWith('days', days, { target: 'weather' }))).toBe(
      '--target names weather, which is no column of day 11.csv, day 12.csv, day 13.csv or 2 more tables; ' +
        'their columns are hour, c11, c12, c13, c14, c15. ' +
        'Correct the name, or give the file to learn from by --train.',
    );
  });

  test('is let be when nobody can tell: a file that may have it cannot be read as a table, or there is no table', async () => {
    const other = { ...SHOPS, 'input/annotations.json': '{"images": [], "version": 1}' };
    expect(taskOf(await loadWith('annotated', other, { target: 'kind' })).target).toBe('kind');
    expect(taskOf(await loadWith('images', { 'input/cat/1.png': 'x' }, { target: 'kind', id: 'file' })).id).toBe(
      'file',
    );
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`input/t${at}.csv`, 'a\n1\n']));
    expect(taskOf(await loadWith('many', many, { target: 'b' })).target).toBe('b');
  });

  test('is let be when the file to learn from is given and is no table that can be read here', async () => {
    await data.write('given', { ...SHOPS, 'input/records.db': 'x' });
    const task = { data: data.at('given', 'input'), goal: 'g', metric: 'rmse', target: 'kind', train: 'records.db' };
    expect(taskOf(await loadTask({ task }, '/'))).toMatchObject({ target: 'kind', train: 'records.db' });
  });
});

describe('a competition in words', () => {
  const description = '# Houses\n\n## Evaluation\n\nEntries are scored by the mean absolute error of the price.\n';

  test('what it says is taken, with reasons, and its text is the goal', async () => {
    const directory = await data.write('words', { 'Description.md': description, ...TABLES });
    const task = taskOf(await loadTask({ task: directory }, '/'));
    expect(task).toMatchObject({ name: 'words', goal: description.trim(), metric: 'mae', direction: 'minimize' });
    expect(task.dataDirectory).toBe(path.join(directory, 'input'));
    expect(task.inferred).toContainEqual({
      what: 'metric',
      value: 'mae',
      reason: 'Description.md says "Entries are scored by the mean absolute error of the price"',
    });
  });

  test('the file itself is the same task as its directory, and what is named counts', async () => {
    const directory = await data.write('by its file', { 'description.md': description, ...TABLES });
    const file = path.join(directory, 'description.md');
    const task = taskOf(await loadTask({ task: directory }, '/'));
    expect(taskOf(await loadTask({ task: file }, '/'))).toEqual(task);
    expect(taskOf(await loadTask({ task: file, corrections: { metric: 'rmse' } }, '/')).metric).toBe('rmse');
    await data.write('by its file', { 'task.yaml': YAML });
    expect(taskOf(await loadTask({ task: file }, '/'))).toEqual(task);
    expect(taskOf(await loadTask({ task: directory }, '/'))).toMatchObject({ goal: 'guess', metric: 'rmse' });
  });

  test('corrections win, and are no longer inferred', async () => {
    const directory = await data.write('corrected', { 'description.md': description, ...TABLES });
    const corrections = { metric: 'rmse', target: 'size', id: 'price' };
    const task = taskOf(await loadTask({ task: directory, corrections }, '/'));
    expect(task).toMatchObject(corrections);
    expect(task.inferred.map(({ what }) => what)).toEqual(['goal', 'train', 'test', 'sample', 'direction']);
    const wrong = await loadTask({ task: directory, corrections: { target: 'prize' } }, '/');
    expect(messageOf(wrong)).toBe('--target names prize, which is no column of train.csv; did you mean price?');
  });

  test('corrections hold for a task.yaml, too, and for nothing else', async () => {
    const directory = await data.write('yaml corrected', { 'task.yaml': YAML, ...TABLES });
    expect(taskOf(await loadTask({ task: directory, corrections: { metric: 'mae' } }, '/')).metric).toBe('mae');
    const inline = { data: directory, goal: 'g', metric: 'rmse' };
    expect(messageOf(await loadTask({ task: inline, corrections: { id: 'id' } }, '/'))).toMatch(/^Corrections are for/);
  });

  test('without a metric, or with several, it is refused with what to give', async () => {
    expect(await complaintAbout('vague', { 'description.md': 'Do well.', ...TABLES })).toBe(
      'Description <task>/description.md names no metric that is known here; give --metric NAME, and --direction for ' +
        'one of your own.',
    );
    const torn = 'Scored by accuracy. Ranked by log loss.';
    expect(await complaintAbout('torn', { 'description.md': torn, ...TABLES })).toMatch(/\(accuracy, log_loss\)/);
  });
});
