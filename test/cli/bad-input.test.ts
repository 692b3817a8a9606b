import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeRun } from '../helpers/run-fixture';
import type { BareWorkplace, Ended } from '../helpers/coppice-command';
import { openBareWorkplace } from '../helpers/coppice-command';

let workplace: BareWorkplace;

beforeAll(async () => {
  workplace = await openBareWorkplace();
});

afterAll(() => workplace.close());

/** One line of what is wrong, exit status 2, and neither a run nor a server. */
async function expectRefusal(ended: Ended, message: RegExp): Promise<void> {
  expect(ended.stderr).toMatch(message);
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended.stderr).toMatch(/^coppice: /);
  expect(ended.stdout).toBe('');
  expect(ended.exitCode).toBe(2);
  expect(await readdir(workplace.home).catch(() => [])).toEqual([]);
  expect(await readdir(workplace.store).catch(() => [])).toEqual([]);
}

async function taskDirectory(name: string, taskFile: string, table = 'id,x,y\n1,2,3\n'): Promise<string> {
  const directory = path.join(workplace.root, name);
  await mkdir(path.join(directory, 'input'), { recursive: true });
  await writeFile(path.join(directory, 'task.yaml'), taskFile);
  await writeFile(path.join(directory, 'input', 'train.csv'), table);
  return directory;
}

test('an empty directory', async () => {
  const directory = path.join(workplace.root, 'empty');
  await mkdir(directory);
  await expectRefusal(await workplace.run(['run', directory]), /task\.yaml/);
});

test('a target that the data does not have', async () => {
  const directory = await taskDirectory('no-target', 'goal: g\nmetric: rmse\ntarget: price\ntrain: train.csv\n');
  await expectRefusal(await workplace.run(['run', directory]), /price/);
});

test('a file that cannot be read', async () => {
  const directory = await taskDirectory('unreadable', 'goal: g\nmetric: rmse\ntarget: y\ntrain: train.csv\n');
  const table = path.join(directory, 'input', 'train.csv');
  await chmod(table, 0o000);
  if (
    await readFile(table).then(
      () => true,
      () => false,
    )
  ) {
    // The superuser reads everything; for it a link to nowhere is what cannot be read.
    await writeFile(path.join(directory, 'task.yaml'), 'goal: g\nmetric: rmse\ntarget: y\ntrain: gone.csv\n');
  }
  await expectRefusal(await workplace.run(['start', directory]), /train\.csv|gone\.csv/);
});

test('a metric that is unknown and has no direction', async () => {
  const directory = await taskDirectory('odd-metric', 'goal: g\nmetric: wonder\n');
  await expectRefusal(await workplace.run(['run', directory]), /wonder.*direction/);
  const inline = ['run', '--data', path.join(directory, 'input'), '--goal', 'g', '--metric', 'wonder'];
  await expectRefusal(await workplace.run(inline), /wonder.*--direction/);
});

test.each([
  ['zero steps', ['--steps', '0'], /--steps/],
  ['half a step', ['--steps', '1.5'], /--steps/],
  ['a number that is none', ['--patience', 'many'], /--patience.*number/],
  ['a time limit that is none', ['--time-limit', 'soon'], /--time-limit: .*duration/],
  ['a run id that is no name', ['--run-id', '../escape'], /--run-id/],
  ['no slots', ['--slots', '0'], /--slots/],
  ['an unknown flag', ['--stepz', '3'], /--stepz/],
  ['a task and its data', ['--data', '.'], /not both/],
])('%s', async (_what, words, message) => {
  await expectRefusal(await workplace.run(['run', workplace.task, ...words]), message);
});

test('no task at all', async () => {
  await expectRefusal(await workplace.run(['run']), /give a task/);
});

test('a model named without key or base URL', async () => {
  await expectRefusal(await workplace.run(['run', workplace.task, '--model', 'm']), /OPENAI_API_KEY/);
  await expectRefusal(await workplace.run(['start', workplace.task], { COPPICE_MODEL: 'm' }), /OPENAI_API_KEY/);
});

test('a taken port that the user named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    const ended = await workplace.run(['server', '--port', String(port)]);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^coppice: .*${port}[^\\n]*\\n$`));
    expect(await readdir(workplace.home)).not.toContain('server.json');
  } finally {
    other.close();
  }
});

test('a run id in use for another request leaves that run alone', async () => {
  const store = path.join(workplace.root, 'used-runs');
  await writeRun(createDirectoryStore(store), { runId: 'mine', spec: { task: workplace.task, steps: 30 } });
  const before = await readFile(path.join(store, 'mine', 'run.json'));
  const ended = await workplace.run(['run', workplace.task, '--run-id', 'mine'], { COPPICE_STORE: store });

  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toMatch(/^coppice: run id "mine" is in use for another request \(steps differ\)[^\n]*\n$/);
  expect(await readFile(path.join(store, 'mine', 'run.json'))).toEqual(before);
  expect(await readdir(path.join(store, 'mine'))).toEqual(['run.json', 'state.json']);
  expect(await readdir(workplace.home)).not.toContain('server.json');
});

test('help, version and reading commands need neither a server nor Temporal native code', async () => {
  const traced = { NODE_OPTIONS: `--require ${path.join(__dirname, 'report-native-code.cjs')}` };

  for (const words of [['--version'], ['--help'], ['list', '--json'], ['run', '--help']]) {
    const ended = await workplace.run(words, traced);
    expect(ended).toMatchObject({ exitCode: 0, stderr: 'native code: none\n' });
  }
  expect(await readdir(workplace.home)).not.toContain('server.json');
});
