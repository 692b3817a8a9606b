import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCommandContext } from '../../src/cli/command-context';
import { readRequest } from '../../src/cli/request';
import type { RequestFlags } from '../../src/cli/request-flags';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-flags-'));
  await mkdir(path.join(root, 'task', 'input'), { recursive: true });
  await writeFile(path.join(root, 'task', 'input', 'notes.txt'), 'notes\n');
  await writeFile(path.join(root, 'task', 'task.yaml'), 'goal: guess\nmetric: rmse\nnetwork: on\n');
});

afterAll(() => rm(root, { recursive: true, force: true }));

function request(flags: RequestFlags) {
  return readRequest(createCommandContext({ COPPICE_HOME: root, COPPICE_STORE: root }, root), 'task', flags);
}

test('how scripts are scored, kept apart and connected is part of the request when it was said', async () => {
  const { input, spec } = await request({ evaluation: 'reported', isolation: 'process', network: 'off' });
  expect(input).toMatchObject({ evaluation: 'reported', isolation: 'process', network: 'off' });
  expect(spec).toMatchObject({ evaluation: 'reported', isolation: 'process', network: 'off' });
});

test('what was not said is left open', async () => {
  const { input, spec } = await request({});
  expect(Object.keys(input)).toEqual(['task', 'machineDefaults']);
  expect(spec).toMatchObject({ evaluation: 'auto', isolation: 'auto' });
  expect(spec.network).toBeUndefined();
});

test('a way of scoring that the task does not allow is refused before anything starts', async () => {
  await expect(request({ evaluation: 'command' })).rejects.toMatchObject({
    exitCode: 2,
    message:
      'Evaluation by a command is asked for, but the task has none; write "evaluation: {command: …}" in its task.yaml.',
  });
  await expect(request({ evaluation: 'holdout' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^Evaluation by hidden rows is asked for, but /) as string,
  });
});

test('a wrong word is named with its flag', async () => {
  await expect(request({ isolation: 'jail' })).rejects.toMatchObject({
    message: expect.stringMatching(/^--isolation: Invalid option/) as string,
  });
});
