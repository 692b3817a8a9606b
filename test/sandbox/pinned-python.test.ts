import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pinnedPython } from '../../src/sandbox/pinned-python';

const [OLD, NEW] = ['0123456789ab', 'ba9876543210'];
let home: string;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'coppice-pinned-'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

async function makeEnvironment(name: string): Promise<string> {
  const python = path.join(home, name, 'bin', 'python');
  await mkdir(path.dirname(python), { recursive: true });
  await writeFile(python, '#!/bin/sh\n');
  await chmod(python, 0o755);
  return python;
}

function find(pythonPath: string, environment?: string): Promise<string> {
  const versions = { coppice: '0.1.0', node: '20', python: '3.12.4', packages: {} };
  return pinnedPython(
    { home, pythonPath },
    { versions: environment === undefined ? versions : { ...versions, environment } },
  );
}

test('a run stays with the packages it began with, by preference with its very Python', async () => {
  const current = await makeEnvironment(`python-${NEW}-3.12.4`);
  await makeEnvironment(`python-${OLD}-3.11.9`);
  const before = await makeEnvironment(`python-${OLD}-3.12.4`);
  expect(await find(current, OLD)).toBe(before);
  expect(await find(current, NEW)).toBe(current);
  await rm(path.dirname(path.dirname(before)), { recursive: true });
  expect(await find(current, OLD)).toBe(path.join(home, `python-${OLD}-3.11.9`, 'bin', 'python'));
});

test('the same packages under another patch version of Python are the environment in use', async () => {
  const current = await makeEnvironment(`python-${OLD}-3.12.9`);
  expect(await find(current, OLD)).toBe(current);
});

test('a run of an earlier coppice, which noted no environment, uses the one that is there', async () => {
  expect(await find('/somewhere/python')).toBe('/somewhere/python');
});

test('a machine without the packages says which coppice has them', async () => {
  const current = await makeEnvironment(`python-${NEW}-3.12.4`);
  await expect(find(current, OLD)).rejects.toThrow(
    /began with the Python packages of coppice 0\.1\.0 .*check out that version/,
  );
});
