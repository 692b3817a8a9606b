import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EnvironmentFileError, readEnvironmentFiles } from '../../src/workers/environment-file';

let root: string;
let here: string;
let home: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-env-'));
  [here, home] = [path.join(root, 'here'), path.join(root, 'home')];
  await mkdir(here);
  await mkdir(home);
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('the real environment wins, then the file here, then the one in COPPICE_HOME', async () => {
  await writeFile(path.join(here, '.env'), 'export A=here\n# no\nB="two words"\nC=here\nEMPTY=here\n');
  await writeFile(path.join(home, '.env'), 'A=home\nC=home\nD=home\n');
  const read = readEnvironmentFiles({ C: 'real', EMPTY: '', OTHER: 'x' }, here, home);

  expect(read.environment).toEqual({ A: 'here', B: 'two words', C: 'real', D: 'home', EMPTY: 'here', OTHER: 'x' });
  expect(read.files).toEqual([
    { path: path.join(here, '.env'), names: ['A', 'B', 'EMPTY'], overruled: ['C'], ignored: [] },
    { path: path.join(home, '.env'), names: ['D'], overruled: ['A', 'C'], ignored: [] },
  ]);
  expect(process.env['B']).toBeUndefined();
});

test('COPPICE_ENV_FILE stands in place of the file here, and has to be there', async () => {
  await writeFile(path.join(here, '.env'), 'A=here\n');
  await writeFile(path.join(root, 'keys.env'), 'A=named\n');
  const named = { COPPICE_ENV_FILE: '../keys.env' };
  expect(readEnvironmentFiles(named, here, home).environment).toEqual({ ...named, A: 'named' });
  expect(() => readEnvironmentFiles({ COPPICE_ENV_FILE: 'nowhere.env' }, here, home)).toThrow(EnvironmentFileError);
});

test('what other commands have to know as well is not taken from a file', async () => {
  await writeFile(path.join(home, '.env'), 'COPPICE_STORE=/elsewhere\nTEMPORAL_ADDRESS=x:1\nNODE_OPTIONS=x\nA_KEY=k\n');
  const read = readEnvironmentFiles({}, here, home);
  expect(read.environment).toEqual({ A_KEY: 'k' });
  expect(read.files[0]?.ignored).toEqual(['COPPICE_STORE', 'NODE_OPTIONS', 'TEMPORAL_ADDRESS']);
});

test('no file is no fault, nor is a directory of that name', async () => {
  await mkdir(path.join(here, '.env'));
  expect(readEnvironmentFiles({ A: '1' }, here, home)).toEqual({ environment: { A: '1' }, files: [] });
});
