import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DoctorJson } from '../../src/cli/json-output';
import { doctorJsonSchema } from '../../src/cli/json-output';
import type { Ended, Workplace } from './coppice-process';
import { openWorkplace, parseOutput } from './coppice-process';

let workplace: Workplace;

beforeAll(async () => {
  workplace = await openWorkplace();
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
