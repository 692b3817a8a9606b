import { chmod } from 'node:fs/promises';
import { createDirectoryStore } from '../../src/store/directory-store';
import { listTree } from '../../src/store/fetch-tree';
import { runKeys } from '../../src/store/run-keys';
import { copyTaskFiles } from '../../src/task/copy-task-files';
import { loadTask } from '../../src/task/load-task';
import type { LoadedTask } from '../../src/task/load-task';
import { requirementReferences } from '../../src/task/requirement-files';
import { DataDirectory } from './data-directory';

const YAML = 'goal: guess\nmetric: rmse\n';
const DATA = { 'input/train.csv': 'id,size,price\n1,2,3\n' };

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

async function load(name: string, settings: string, files: Readonly<Record<string, string>> = {}) {
  const directory = await data.write(name, { 'task.yaml': `${YAML}${settings}`, ...DATA, ...files });
  return { directory, loaded: await loadTask({ task: directory }, '/') };
}

function settledOf(loaded: LoadedTask) {
  if (!loaded.ok) throw new Error(loaded.message);
  return { task: loaded.task, names: loaded.files.map(({ name }) => name).sort() };
}

async function complaintAbout(settings: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const { directory, loaded } = await load(`refused-${settings.replace(/\W+/g, '-')}`, settings, files);
  if (loaded.ok) throw new Error('the task was accepted');
  expect(loaded.message).not.toContain('\n');
  return loaded.message.replaceAll(directory, '<task>');
}

describe('what a task may bring along', () => {
  test('is settled with absolute paths, and nothing is asked for by default', async () => {
    await data.write('elsewhere/models', { 'weights.bin': 'x' });
    const settings = [
      'mounts: [../elsewhere/models]',
      'network: on',
      'gpus: 2',
      'outputs: [working/model.txt, ./working/plots/]',
      'reruns: 3',
      'python: bin/python',
    ].join('\n');
    const { directory } = await load('bringing', '', { 'bin/python': '#!/bin/sh\n' });
    await chmod(`${directory}/bin/python`, 0o755);
    const { loaded } = await load('bringing', settings);
    expect(settledOf(loaded).task).toMatchObject({
      mounts: [data.at('elsewhere', 'models')],
      network: 'on',
      gpus: 2,
      outputs: ['working/model.txt', 'working/plots'],
      reruns: 3,
      python: data.at('bringing', 'bin', 'python'),
      requirements: null,
    });
    const plain = settledOf((await load('plain', '')).loaded);
    expect(plain.names).toEqual([]);
    expect(plain.task).toMatchObject({ mounts: [], network: 'off', gpus: 0, outputs: [], reruns: 0, python: null });
  });

  test('an evaluator comes with the files that are listed and those that its command names', async () => {
    const evaluation =
      'evaluation:\n  command: python check/evaluate.py --cases=cases input/train.csv\n  files: [cases]\n';
    const files = { 'check/evaluate.py': '1', 'check/other.py': '2', 'cases/a/1.txt': '3', 'cases/2.txt': '4' };
    const { task, names } = settledOf((await load('evaluated', evaluation, files)).loaded);
    expect(task.evaluation).toEqual({
      command: 'python check/evaluate.py --cases=cases input/train.csv',
      files: ['cases'],
      limit: 600,
    });
    expect(names).toEqual(['evaluation/cases/2.txt', 'evaluation/cases/a/1.txt', 'evaluation/check/evaluate.py']);
  });

  test('requirements come with all that they refer to', async () => {
    const files = {
      'env/requirements.txt':
        '-r more.txt\n-c ../limits.txt # known to work\n../wheels/a-1.0-py3-none-any.whl\nnumpy\n',
      'env/more.txt': '-r requirements.txt\n--find-links ../wheels\n',
      'limits.txt': 'numpy<3\n',
      'wheels/a-1.0-py3-none-any.whl': 'a',
      'wheels/b-1.0-py3-none-any.whl': 'b',
    };
    const { task, names } = settledOf((await load('required', 'requirements: ./env/requirements.txt', files)).loaded);
    expect(task.requirements).toBe('requirements/env/requirements.txt');
    expect(names).toEqual(
      Object.keys(files)
        .map((name) => `requirements/${name}`)
        .sort(),
    );
  });

  test('its files are copied into the run, which later edits do not reach', async () => {
    const files = { 'evaluate.py': 'first', 'requirements.txt': 'numpy\n' };
    const settings = 'evaluation: {command: python evaluate.py}\nrequirements: requirements.txt\n';
    const { directory, loaded } = await load('copied', settings, files);
    const store = createDirectoryStore(data.at('runs'));
    const { task } = runKeys('some-run');
    await store.write(`${task}/evaluation/left-by-a-killed-worker.py`, 'old');
    await copyTaskFiles(store, 'some-run', loaded.ok ? loaded.files : []);
    await data.write('copied', { 'evaluate.py': 'second' });
    expect(directory).toBe(data.at('copied'));
    expect(await listTree(store, task)).toEqual([
      `${task}/evaluation/evaluate.py`,
      `${task}/requirements/requirements.txt`,
    ]);
    expect(String(await store.read(`${task}/evaluation/evaluate.py`))).toBe('first');
  });
});

test('references in requirements are relative paths alone', () => {
  const text = [
    'numpy==2.0 # ./not-this.whl',
    '-r base.txt',
    '--constraint=pins/all.txt',
    '-cother.txt',
    'torch --hash=sha256:abc \\',
    '    --hash=sha256:def',
    './local',
    'plain-1.0.tar.gz ; python_version > "3.8"',
    '-e ./editable[extra]',
    '--find-links https://example.org/wheels',
    'remote @ https://example.org/a.whl',
    'https://example.org/b.whl',
    '/opt/wheels/c.whl',
    '.[all]',
  ].join('\n');
  expect(requirementReferences(text)).toEqual({
    files: ['base.txt', 'pins/all.txt', 'other.txt'],
    packages: ['./local', 'plain-1.0.tar.gz', './editable', '.'],
  });
});

describe('what is refused, in one line that says what to do', () => {
  test.each([
    [
      'mounts: [gone]',
      '"mounts" in <task>/task.yaml names gone, but <task>/gone does not exist; correct the path or make it.',
    ],
    ['mounts: [task.yaml]', '"mounts" in <task>/task.yaml names task.yaml, which is not a directory; name one.'],
    [
      'mounts: [/]',
      '"mounts" in <task>/task.yaml names /, which shows scripts the original data in <task>/input; name less.',
    ],
    [
      'python: python3.12',
      '"python" in <task>/task.yaml names python3.12, but <task>/python3.12 does not exist; give its whole path.',
    ],
    [
      'python: task.yaml',
      '"python" in <task>/task.yaml names task.yaml, but <task>/task.yaml is no program; give the path of an interpreter.',
    ],
    [
      'outputs: [../all]',
      '"outputs" in <task>/task.yaml names ../all, which no script can leave there; name a file such as working/model.txt.',
    ],
    [
      'outputs: [input/x]',
      '"outputs" in <task>/task.yaml names input/x, which no script can leave there; name a file such as working/model.txt.',
    ],
    [
      'requirements: gone.txt',
      '"requirements" in <task>/task.yaml names gone.txt, but <task>/gone.txt does not exist; correct the name or add it.',
    ],
    [
      'requirements: ../r.txt',
      '"requirements" in <task>/task.yaml names ../r.txt, which is not below <task>; copy it there.',
    ],
    [
      'evaluation: {command: x, files: [gone]}',
      '"evaluation" in <task>/task.yaml names gone, but <task>/gone does not exist; correct the name or add it.',
    ],
    ['gpus: -1', 'Task file <task>/task.yaml is wrong: gpus: Too small: expected number to be >=0.'],
    ['network: maybe', 'Task file <task>/task.yaml is wrong: network: Invalid option: expected one of "off"|"on".'],
  ])('%s', async (settings, message) => {
    expect(await complaintAbout(settings)).toBe(message);
  });

  test('an evaluator in the place of what is evaluated', async () => {
    const ending = "whose place the script's own solution.py takes; give it another name.";
    expect(await complaintAbout('evaluation: {command: x, files: [solution.py]}', { 'solution.py': '' })).toBe(
      `"evaluation" in <task>/task.yaml names the file solution.py, ${ending}`,
    );
    const outputs = 'evaluation: {command: x, files: [made/cases]}\noutputs: [made/model]';
    expect(await complaintAbout(outputs, { 'made/cases/1': '' })).toContain("whose place the script's own made takes");
  });

  test('requirements that refer to what is missing', async () => {
    expect(await complaintAbout('requirements: needs.txt', { 'needs.txt': '-r more/gone.txt\n' })).toBe(
      '"requirements" in <task>/task.yaml names more/gone.txt, but <task>/more/gone.txt does not exist; correct the name or add it.',
    );
  });
});
