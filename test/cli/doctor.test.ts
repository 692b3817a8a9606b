import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DoctorJson } from '../../src/cli/json-output';
import { doctorJsonSchema } from '../../src/cli/json-output';
import type { BareWorkplace, Ended } from '../helpers/coppice-command';
import { openBareWorkplace, parseOutput } from '../helpers/coppice-command';

let workplace: BareWorkplace;

beforeAll(async () => {
  workplace = await openBareWorkplace();
});

afterAll(() => workplace.close());

function rowOf(ended: Ended, name: string): DoctorJson['rows'][number] | undefined {
  return parseOutput(doctorJsonSchema, ended).rows.find((row) => row.name === name);
}

test('doctor shows the checks of the set-up beside its own, and fails when one does', async () => {
  const ended = await workplace.run(['doctor', '--json']);
  const { ok, rows } = parseOutput(doctorJsonSchema, ended);

  // This home is empty, so that at least the Python environment is missing.
  expect(ok).toBe(false);
  expect(ended.exitCode).toBe(1);
  expect(rows.find(({ name }) => name === 'Python environment')).toMatchObject({ level: 'fail' });
  expect(rowOf(ended, 'store')?.level).toBe('ok');
  expect(rowOf(ended, 'Temporal server')?.detail).toContain('starts on demand');
  expect(rowOf(ended, 'model')?.detail).toContain('offline model');
  expect(rowOf(ended, 'isolation')).toMatchObject({ level: 'warn' });
  const table = await workplace.run(['doctor']);
  for (const { name } of rows) expect(table.stdout).toContain(name);
  expect(table.exitCode).toBe(1);
});

test('doctor tells of a store that cannot be written and of a model that cannot be reached', async () => {
  const file = path.join(workplace.root, 'a-file');
  await writeFile(file, '');
  const environment = { COPPICE_STORE: path.join(file, 'runs'), COPPICE_MODEL: 'm' };
  const ended = await workplace.run(['doctor', '--json'], environment);

  expect(rowOf(ended, 'store')).toMatchObject({ level: 'fail' });
  expect(rowOf(ended, 'model')).toMatchObject({ level: 'fail' });
});

test('doctor tells prices, and endpoints with their limits and missing keys', async () => {
  const endpoints = path.join(workplace.root, 'endpoints.yaml');
  await writeFile(
    endpoints,
    'endpoints: [{ baseUrl: "http://localhost:8000/v1", requestsPerMinute: 60 }, { baseUrl: "http://a/v1", keyVariable: A_KEY }]',
  );
  const environment = { OPENAI_API_KEY: 'key', COPPICE_ENDPOINTS: endpoints };
  const known = await workplace.run(['doctor', '--json'], { ...environment, COPPICE_MODEL: 'gpt-5' });

  expect(rowOf(known, 'model')).toMatchObject({
    level: 'ok',
    detail: 'gpt-5 at api.openai.com; gpt-5 $1.25 in, $0.125 cached, $10 out for a million tokens',
    fix: null,
  });
  expect(rowOf(known, 'endpoints')).toEqual({
    name: 'endpoints',
    level: 'warn',
    detail: 'localhost-8000, 60 requests a minute; api.openai.com; without their keys: a',
    fix: 'Set A_KEY.',
  });
  const prices = path.join(workplace.root, 'nowhere.yaml');
  const unknown = await workplace.run(['doctor', '--json'], { ...environment, COPPICE_MODEL: 'm' });
  expect(rowOf(unknown, 'model')).toMatchObject({
    level: 'ok',
    fix: expect.stringContaining('COPPICE_PRICES') as string,
  });
  const wrong = await workplace.run(['doctor', '--json'], {
    COPPICE_MODEL: 'm',
    COPPICE_PRICES: prices,
    COPPICE_ENDPOINTS: prices,
  });
  expect(rowOf(wrong, 'model')).toMatchObject({
    level: 'fail',
    detail: expect.stringContaining('nowhere.yaml') as string,
  });
  expect(rowOf(wrong, 'endpoints')).toMatchObject({ level: 'fail' });
});

test('doctor tells which environment file workers would read, by names alone, and how much room there is', async () => {
  const file = path.join(workplace.root, 'worker.env');
  await writeFile(file, 'OPENAI_API_KEY=a-planted-key\nCOPPICE_MODEL=planned\nCOPPICE_STORE=/elsewhere\n');
  const ended = await workplace.run(['doctor', '--json'], { COPPICE_ENV_FILE: file, COPPICE_MIN_FREE: '100%' });

  expect(rowOf(ended, 'environment files')).toEqual({
    name: 'environment files',
    level: 'warn',
    detail: `${file}: COPPICE_MODEL, OPENAI_API_KEY; COPPICE_STORE not taken from a file`,
    fix: 'Set COPPICE_STORE in the environment itself.',
  });
  expect(rowOf(ended, 'model')?.detail).toContain('planned at api.openai.com');
  expect(rowOf(ended, 'free space')).toMatchObject({ level: 'warn', fix: expect.stringContaining('clean') as string });
  expect(ended.stdout).not.toContain('a-planted-key');

  const wrong = { COPPICE_ENV_FILE: path.join(workplace.root, 'nowhere.env'), COPPICE_MIN_FREE: 'much' };
  const refused = await workplace.run(['doctor', '--json'], wrong);
  expect(rowOf(refused, 'environment files')).toMatchObject({ level: 'fail' });
  expect(rowOf(refused, 'free space')).toMatchObject({ level: 'fail' });
  const worker = await workplace.run(['worker'], wrong);
  expect(worker.exitCode).toBe(2);
  expect(worker.stderr).toMatch(/^coppice: COPPICE_ENV_FILE names .*nowhere\.env, which cannot be read \(ENOENT\)\n$/);
});
