import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GradeFile } from '../../src/domain/evaluation';
import { runFileSchema, type RunFile } from '../../src/domain/run-files';
import { evaluateByCommand } from '../../src/grading/command-evaluation';
import type { ScriptMachine } from '../../src/sandbox/place-script';
import { openIsolations } from '../../src/sandbox/isolation/choose-isolation';
import { processIsolation } from '../../src/sandbox/isolation/process';
import { listProcesses, startedWith } from '../../src/sandbox/process-table';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { describeWithTool } from '../helpers/require-tool';
import { writeRun } from '../helpers/run-fixture';
import { waitUntil } from '../helpers/wait-until';
import { hasBubblewrap, pinnedPython } from '../sandbox/isolated-script';
import { realPython } from '../sandbox/real-python';

const RUN = 'evaluated';
const keys = runKeys(RUN);
const never = new AbortController().signal;

let root: string;
let host: ScriptMachine;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-evaluation-'));
  await mkdir(path.join(root, 'data'));
  await mkdir(path.join(root, 'leases'));
  await writeFile(path.join(root, 'data', 'words.txt'), 'one two three\n');
  host = {
    store: createDirectoryStore(path.join(root, 'runs')),
    home: path.join(root, 'home'),
    pythonPath: realPython(),
    environment: {},
    slots: 1,
    leases: path.join(root, 'leases'),
    isolationFor: () => Promise.resolve(processIsolation),
  };
});

afterEach(() => rm(root, { recursive: true, force: true }));

interface Scene {
  readonly command: string;
  readonly limit?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
}

/** Node 1 of a run whose task is scored by a command. */
async function runWith({ command, limit = 60, files = {}, outputs = {} }: Scene): Promise<RunFile> {
  await writeRun(host.store, { runId: RUN, nodes: [{ id: 1, metric: 1, code: 'print("the solution")\n' }] });
  for (const [name, text] of Object.entries(files)) await host.store.write(`${keys.task}/evaluation/${name}`, text);
  for (const [name, text] of Object.entries(outputs)) await host.store.write(`${keys.node(1).outputs}/${name}`, text);
  const run = await readJson(host.store, keys.run, runFileSchema);
  if (run === null) throw new Error('the fixture wrote no run');
  const evaluation = { command, files: Object.keys(files), limit };
  return { ...run, task: { ...run.task, dataDirectory: path.join(root, 'data'), evaluation } };
}

async function evaluate(scene: Scene): Promise<GradeFile> {
  return evaluateByCommand(host, await runWith(scene), 1, never);
}

async function leftovers(): Promise<string[]> {
  const names = await readdir(path.join(host.home, 'work', RUN)).catch(() => []);
  return names.filter((name) => name.startsWith('grade-'));
}

test('the evaluator sees script, outputs, input and its own files, and its last score counts', async () => {
  const evaluator = [
    'import json, pathlib',
    'read = lambda name: pathlib.Path(name).read_text().strip()',
    'print(json.dumps({"score": 1}))',
    'print(read("solution.py"), read("working/model.txt"), read("input/words.txt"), read("cases/first.txt"), sep="|")',
    'print(json.dumps({"note": "no score"}))',
    'print(json.dumps({"score": len(read("working/model.txt")), "detail": "kept out"}))',
    'print("done")',
  ].join('\n');
  const grade = await evaluate({
    command: 'python evaluate.py',
    files: { 'evaluate.py': evaluator, 'cases/first.txt': 'a case\n' },
    outputs: { 'working/model.txt': 'seven..' },
  });
  expect(grade).toEqual({
    outputHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    status: 'ok',
    reason: null,
    message: '',
    metric: 7,
    standardError: null,
  });
  expect(await leftovers()).toEqual([]);
});

test("the evaluator's own files win over outputs of the same name", async () => {
  const grade = await evaluate({
    command: 'sh ./evaluate.sh',
    files: { 'evaluate.sh': 'echo \'{"metric": 0.25}\'\n' },
    outputs: { 'evaluate.sh': 'echo \'{"metric": 1}\'\n' },
  });
  expect(grade).toMatchObject({ status: 'ok', metric: 0.25 });
});

test.each([
  {
    what: 'a failing evaluator',
    command: 'echo wrong answer for case 3; exit 4',
    reason: 'evaluation_failed',
    says: 'the evaluation ended with status 4: wrong answer for case 3',
  },
  {
    what: 'a command that is not there',
    command: 'no-such-evaluator',
    reason: 'evaluation_failed',
    says: 'status 127',
  },
  {
    what: 'an evaluator that is ended',
    command: 'kill -SEGV $$',
    reason: 'evaluation_failed',
    says: 'the evaluation ended by SIGSEGV: it printed nothing',
  },
  {
    what: 'no score',
    command: 'echo 0.5; echo \'{"time": 1}\'',
    reason: 'no_metric',
    says: 'the evaluator printed no line such as {"score": 0.5}',
  },
  {
    what: 'NaN',
    command: 'echo \'{"score": NaN}\'',
    reason: 'bad_metric',
    says: "the evaluator's score is NaN, expected a finite number",
  },
  {
    what: 'text',
    command: 'echo \'{"score": "0.5"}\'',
    reason: 'bad_metric',
    says: 'the evaluator\'s score is "0.5", expected',
  },
])('$what fails the node with $reason', async ({ command, reason, says }) => {
  const grade = await evaluate({ command });
  expect(grade).toMatchObject({ status: 'failed', reason, metric: null });
  expect(grade.message).toContain(says);
  expect(await leftovers()).toEqual([]);
});

test('an evaluator that reaches its limit is ended with all that it started', async () => {
  const grade = await evaluate({ command: 'sleep 300 & sleep 301', limit: 1 });
  expect(grade).toMatchObject({ status: 'failed', reason: 'timeout' });
  expect(grade.message).toBe('the evaluation took longer than its 1 s and was ended');
  expect(await runningEvaluators()).toBe(0);
});

test('a cancelled evaluation ends its evaluator and leaves nothing', async () => {
  const run = await runWith({ command: 'touch input-seen; sleep 300' });
  const controller = new AbortController();
  const evaluating = evaluateByCommand(host, run, 1, controller.signal);
  const outcome = expect(evaluating).rejects.toThrow('cancelled');
  await waitUntil('the evaluator runs', async () => (await runningEvaluators()) > 0);
  await sleep(200);
  controller.abort(new Error('cancelled'));
  await outcome;
  expect(await runningEvaluators()).toBe(0);
  expect(await leftovers()).toEqual([]);
});

test('what was evaluated before is not evaluated again, and another execution is', async () => {
  const run = await runWith({ command: `echo x >> ${root}/count; echo '{"score": 3}'` });
  const first = await evaluateByCommand(host, run, 1, never);
  await writeJson(host.store, keys.node(1).grade, first);
  expect(await evaluateByCommand(host, run, 1, never)).toEqual(first);
  await host.store.write(keys.node(1).execution, '{}');
  expect((await evaluateByCommand(host, run, 1, never)).outputHash).not.toBe(first.outputHash);
});

test('a worker that comes after a killed one ends what that left', async () => {
  const run = await runWith({ command: 'sleep 300' });
  const lost = new AbortController();
  const killed = evaluateByCommand(host, run, 1, lost.signal).catch((error: unknown) => error);
  await waitUntil('the evaluator runs', async () => (await runningEvaluators()) > 0);
  const next = await runWith({ command: 'echo \'{"score": 2}\'' });
  expect(await evaluateByCommand(host, next, 1, never)).toMatchObject({ status: 'ok', metric: 2 });
  lost.abort(new Error('lost'));
  // Still alive in this test, it may see the end of its evaluator before it is told that it is lost.
  expect(await killed).toMatchObject({ message: expect.stringMatching(/^lost$|was ended from outside/) as string });
  expect(await runningEvaluators()).toBe(0);
});

describeWithTool('bubblewrap', hasBubblewrap, () => {
  test('the evaluator is kept from the machine, and what it runs cannot change it', async () => {
    const { store, home } = host;
    const pythonPath = await pinnedPython();
    await store.write('another-run/secret.txt', 'secret');
    const isolations = await openIsolations({
      home,
      hidden: [path.join(root, 'runs')],
      pythonPath,
      searchPath: process.env['PATH'],
    });
    host = { ...host, pythonPath, isolationFor: (wanted) => Promise.resolve(isolations.choose(wanted)) };
    const evaluator = [
      'import json, pathlib',
      'def can(action):',
      '    try:',
      '        action()',
      '    except OSError:',
      '        return 0',
      '    return 1',
      'own = [can(lambda: pathlib.Path(name).write_text("x")) for name in ("evaluate.py", "solution.py", "input/words.txt")]',
      `store = can(lambda: pathlib.Path(${JSON.stringify(path.join(root, 'runs'))}, "another-run/secret.txt").read_text())`,
      'pathlib.Path("working/scratch").write_text("may be written")',
      'print(json.dumps({"score": sum(own) + store}))',
    ].join('\n');
    const grade = await evaluate({ command: 'python evaluate.py', files: { 'evaluate.py': evaluator } });
    expect(grade).toMatchObject({ status: 'ok', metric: 0, message: '' });
    expect(await evaluate({ command: 'kill -SEGV $$', files: { again: '' } })).toMatchObject({
      message: 'the evaluation ended by SIGSEGV: it printed nothing',
    });
    expect(await leftovers()).toEqual([]);
  });
});

async function runningEvaluators(): Promise<number> {
  let count = 0;
  for (const { pid } of await listProcesses()) {
    const isOurs = await startedWith(pid, `HOME=${host.home}`);
    if (isOurs && (await startedWith(pid, 'COPPICE_ATTEMPT=evaluation-'))) count += 1;
  }
  return count;
}
