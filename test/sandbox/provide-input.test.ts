import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { evaluationFileSchema } from '../../src/domain/evaluation';
import { PLAIN_TASK, taskSchema } from '../../src/domain/task';
import { removeTree } from '../../src/sandbox/attempts';
import { inputSource, type InputSource } from '../../src/sandbox/input-source';
import { checkInputUnchanged, provideInput, type ProvidedInput } from '../../src/sandbox/provide-input';
import { createDirectoryStore } from '../../src/store/directory-store';

const RUN = 'some-run';
const BIND = { input: 'bind' } as const;
const LINK = { input: 'link' } as const;
const signal = new AbortController().signal;

const task = taskSchema.parse({
  ...PLAIN_TASK,
  name: 'task',
  goal: 'goal',
  dataDirectory: '/',
  metric: 'rmse',
  direction: 'minimize',
  target: null,
  id: null,
  train: null,
  test: null,
  sample: null,
});

let root: string;
let data: string;
let host: Parameters<typeof provideInput>[0];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-input-'));
  data = path.join(root, 'data');
  await mkdir(path.join(data, 'more'), { recursive: true });
  await writeFile(path.join(data, 'train.csv'), 'a,b\n1,2\n');
  await writeFile(path.join(data, 'more', 'extra.csv'), 'c\n3\n');
  host = { home: path.join(root, 'home'), store: createDirectoryStore(path.join(root, 'runs')) };
});

afterEach(() => removeTree(root));

function own(): InputSource {
  return { kind: 'directory', path: data };
}

function provide(isolation: typeof BIND | typeof LINK, source = own()): Promise<ProvidedInput> {
  return provideInput(host, RUN, source, isolation, signal);
}

function check(source = own()): Promise<string | null> {
  return checkInputUnchanged(host, RUN, source, signal);
}

/** Writes into a copy as a script of the same user can, whatever its permissions. */
async function tamper(file: string, text: string): Promise<void> {
  await chmod(file, 0o644);
  await writeFile(file, text);
  await chmod(file, 0o444);
}

test('where it can be shown read-only, scripts get the very directory and nothing is copied', async () => {
  await symlink('train.csv', path.join(data, 'same.csv'));

  expect(await provide(BIND)).toEqual({ directory: data, mounts: [], hidden: [] });
  expect(await provide(BIND)).toEqual({ directory: data, mounts: [], hidden: [] });
  expect(await check()).toBeNull();
});

test.each([
  ['leads out of it', () => path.join('..', 'elsewhere.csv')],
  ['names its place on this machine', () => path.join(data, 'train.csv')],
])('a link that %s would lead nowhere in a sandbox: the data is copied', async (_how, target) => {
  await writeFile(path.join(root, 'elsewhere.csv'), 'a,b\n1,2\n');
  await symlink(target(), path.join(data, 'linked.csv'));
  const { directory } = await provide(BIND);

  expect(directory).not.toBe(data);
  expect(await readFile(path.join(directory, 'linked.csv'), 'utf8')).toBe('a,b\n1,2\n');
});

test('else they get a read-only copy, made once for all who ask', async () => {
  await symlink(path.join(data, 'more'), path.join(data, 'again'));
  const copies = await Promise.all([provide(LINK), provide(LINK), provide(LINK)]);
  await writeFile(path.join(data, 'train.csv'), 'a,b\n5,6\n');
  const later = await provide(LINK);

  expect(new Set([...copies, later].map(({ directory }) => directory)).size).toBe(1);
  expect(await readFile(path.join(later.directory, 'train.csv'), 'utf8')).toBe('a,b\n1,2\n');
  expect(await readFile(path.join(later.directory, 'again', 'extra.csv'), 'utf8')).toBe('c\n3\n');
  expect(await readdir(path.join(host.home, 'work', RUN))).toEqual(['input']);
  expect(await check()).toBeNull();
});

test('a file that is too large to copy is linked, and named for the sandbox', async () => {
  const large = path.join(root, 'large.bin');
  await writeFile(large, '');
  await truncate(large, 11e9);
  await symlink(large, path.join(data, 'large.bin'));
  const provided = await provide(LINK);

  expect(provided.mounts).toEqual([large]);
  expect(await check()).toBeNull();
  await truncate(large, 12e9);
  expect(await check()).toMatch(/large\.bin has 12000000000 bytes instead of 11000000000; the original .* restore it/);
});

test('data without the withheld rows comes from the store, and the original is to be hidden', async () => {
  const run = { runId: RUN, task: { ...task, dataDirectory: data } };
  const rows = { trainRows: 3, searchRows: 1, selectionRows: 1, testRows: 1 };
  const split = { ...rows, method: 'random', dataHash: 'hash', made: ['train.csv'] };
  const evaluation = evaluationFileSchema.parse({ kind: 'holdout', why: 'because', split });
  await host.store.write(`${RUN}/data/train.csv`, 'a\n');
  await host.store.write(`${RUN}/data/images/empty/1.txt`, '');
  const provided = await provide(BIND, inputSource(run, evaluation));

  expect(provided).toMatchObject({ hidden: [data], mounts: [] });
  expect(await readFile(path.join(provided.directory, 'train.csv'), 'utf8')).toBe('a\n');
  expect(await readFile(path.join(provided.directory, 'images', 'empty', '1.txt'), 'utf8')).toBe('');
  expect(inputSource(run, evaluation, 'refit')).toEqual(own());
  expect(inputSource(run, null)).toEqual(own());
});

test.each([
  [
    'other content',
    (directory: string) => tamper(path.join(directory, 'train.csv'), 'a,b\n1,3\n'),
    'train.csv has other content',
  ],
  [
    'more of it',
    (directory: string) => tamper(path.join(directory, 'train.csv'), 'a,b\n1,2\n3,4\n'),
    'bytes instead of 8',
  ],
  ['a file less', (directory: string) => removeFrom(directory, 'more/extra.csv'), 'more/extra.csv is gone'],
  ['a file more', (directory: string) => addTo(directory, 'hint.csv'), 'hint.csv is new'],
])(
  'a script that leaves its copy with %s is found out, and later ones get the right one',
  async (_what, change, words) => {
    const before = await provide(LINK);
    await change(before.directory);

    expect(await check()).toContain(words);
    const after = await provide(LINK);
    expect(await readFile(path.join(after.directory, 'train.csv'), 'utf8')).toBe('a,b\n1,2\n');
    expect((await readdir(after.directory)).sort()).toEqual(['more', 'train.csv']);
    expect(await check()).toBeNull();
  },
);

test('setting the time back hides nothing, and touching a file is no change', async () => {
  const { directory } = await provide(LINK);
  const file = path.join(directory, 'train.csv');
  await chmod(file, 0o644);
  await link(file, path.join(root, 'another-name'));
  await rm(path.join(root, 'another-name'));
  expect(await check()).toBeNull();

  await writeFile(file, 'a,b\n9,9\n');
  await utimes(file, 1, 1);
  expect(await check()).toContain('train.csv has other content');
});

test('when the original was changed as well, a person has to restore it', async () => {
  const { directory } = await provide(LINK);
  await tamper(path.join(directory, 'train.csv'), 'a,b\n1,3\n');
  await writeFile(path.join(data, 'train.csv'), 'a,b\n1,3\n');

  expect(await check()).toMatch(/original in .* is not what it was either \(train\.csv\)/);
});

async function removeFrom(directory: string, name: string): Promise<void> {
  await chmod(path.join(directory, path.dirname(name)), 0o755);
  await rm(path.join(directory, name));
}

async function addTo(directory: string, name: string): Promise<void> {
  await chmod(directory, 0o755);
  await writeFile(path.join(directory, name), '');
}
