import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storeOutputs } from '../../src/sandbox/store-outputs';
import { createDirectoryStore } from '../../src/store/directory-store';
import { listTree } from '../../src/store/fetch-tree';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-outputs-'));
  await mkdir(path.join(root, 'attempt', 'working', 'models', 'deep'), { recursive: true });
  await writeFile(path.join(root, 'secret.txt'), 'secret');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...parts: readonly string[]): string => path.join(root, 'attempt', ...parts);

async function keep(...names: string[]): Promise<{ readonly problem: string | null; readonly kept: string[] }> {
  const store = createDirectoryStore(path.join(root, 'runs'));
  const problem = await storeOutputs({ store, key: 'run/outputs', directory: at() }, names);
  return { problem, kept: (await listTree(store, 'run')).map((key) => key.slice('run/outputs/'.length)) };
}

test('files and directories that the task wants are kept, and what is missing is passed over', async () => {
  await writeFile(at('working', 'note.txt'), 'note');
  await writeFile(at('working', 'other.txt'), 'other');
  await writeFile(at('working', 'models', 'first.bin'), 'one');
  await writeFile(at('working', 'models', 'deep', 'second.bin'), 'two');
  const kept = ['working/models/deep/second.bin', 'working/models/first.bin', 'working/note.txt'];
  expect(await keep('working/note.txt', 'working/models', 'working/models/first.bin', 'absent')).toEqual({
    problem: null,
    kept,
  });
});

test('nothing that a link leads to is kept, wherever the link lies', async () => {
  await symlink(path.join(root, 'secret.txt'), at('working', 'models', 'file'));
  await symlink(root, at('working', 'models', 'directory'));
  await symlink(root, at('out'));
  await symlink('models', at('working', 'same'));
  await writeFile(at('working', 'models', 'real.txt'), 'real');
  const outcome = await keep('working/models', 'out', 'out/secret.txt', 'working/same');
  expect(outcome).toEqual({ problem: null, kept: ['working/models/real.txt'] });
});

test('pipes and names that no store can have are passed over, and nothing waits for them', async () => {
  execFileSync('mkfifo', [at('working', 'models', 'pipe')]);
  await writeFile(at('working', 'models', 'back\\slash'), 'x');
  await writeFile(at('working', 'models', '.tmp-mine'), 'x');
  await writeFile(Buffer.concat([Buffer.from(at('working', 'models', 'b')), Buffer.from([0xff])]), 'x');
  await writeFile(at('working', 'models', 'real.txt'), 'real');
  expect(await keep('working/models')).toEqual({ problem: null, kept: ['working/models/real.txt'] });
});

test('too much is not kept at all', async () => {
  await writeFile(at('working', 'models', 'huge'), '');
  await truncate(at('working', 'models', 'huge'), 3e9);
  const { problem, kept } = await keep('working/models');
  expect(problem).toBe('what the task keeps of it has 3.0 GB, at most 1 GB are kept');
  expect(kept).toEqual([]);
});
