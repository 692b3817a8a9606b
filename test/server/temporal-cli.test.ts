import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findTemporalCli } from '../../src/server/temporal-cli';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'coppice-cli-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** A command that reports `version` as the Temporal CLI does. */
async function command(place: string, version: string): Promise<string> {
  const file = path.join(directory, place, 'temporal');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho 'temporal version ${version} (Server 1.32.0, UI 2.54.1)'\n`, { mode: 0o755 });
  return file;
}

function searchPath(...places: string[]): string {
  return [...places.map((place) => path.join(directory, place)), process.env['PATH'] ?? ''].join(path.delimiter);
}

test('the named CLI comes before the one of set-up, and that before PATH', async () => {
  const [named, fromSetup, onPath] = [
    await command('n', '1.9.3'),
    await command('s', '1.9.2'),
    await command('p', '1.9.1'),
  ];
  const environment = { PATH: searchPath('p') };
  await writeFile(
    path.join(directory, 'setup.json'),
    JSON.stringify({ temporal: fromSetup, temporalVersion: '1.9.2' }),
  );
  const all = await findTemporalCli(directory, { ...environment, COPPICE_TEMPORAL_CLI: named });
  expect(all).toEqual({ path: named, version: '1.9.3' });
  expect(await findTemporalCli(directory, environment)).toEqual({ path: fromSetup, version: '1.9.2' });
  await rm(fromSetup);
  expect(await findTemporalCli(directory, environment)).toEqual({ path: onPath, version: '1.9.1' });
});

test.each(['0.13.2', '1.4.9', '2.0.0'])(
  'version %s on PATH does not fit, which is said with what to do',
  async (version) => {
    const onPath = await command('p', version);
    await expect(findTemporalCli(directory, { PATH: searchPath('p') })).rejects.toMatchObject({
      problem: 'no_temporal_cli',
      message: expect.stringMatching(new RegExp(`${onPath} is version ${version}.*npm run setup`)) as string,
    });
  },
);

test('a named CLI that does not run is an error and replaced by no other', async () => {
  await command('p', '1.9.1');
  const environment = { PATH: searchPath('p'), COPPICE_TEMPORAL_CLI: path.join(directory, 'missing') };
  await expect(findTemporalCli(directory, environment)).rejects.toMatchObject({
    problem: 'no_temporal_cli',
    message: expect.stringContaining('COPPICE_TEMPORAL_CLI') as string,
  });
});

test('no CLI at all is an error that names the set-up', async () => {
  await expect(findTemporalCli(directory, { PATH: directory })).rejects.toMatchObject({
    problem: 'no_temporal_cli',
    message: expect.stringContaining('npm run setup') as string,
  });
});
