import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpenRun } from '../../src/activities/open-run';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { runSpecSchema } from '../../src/domain/run-spec';
import type { OpenRunResult } from '../../src/domain/steps';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { runKeys } from '../../src/store/run-keys';

const DIAMONDS = path.join(__dirname, '..', '..', 'examples', 'diamonds');
const GOOD = '--- system ---\nBe brief.\n--- user ---\nWrite.\n';

let directory: string;
let tasks: string;
let store: ArtifactStore;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-own-prompts-'));
  tasks = path.join(directory, 'tasks');
  store = createDirectoryStore(path.join(directory, 'runs'));
  await cp(DIAMONDS, path.join(tasks, 'diamonds'), { recursive: true });
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function open(spec: Partial<RunSpecInput>): Promise<OpenRunResult> {
  const openRun = createOpenRun({
    store,
    tasks,
    environment: {},
    slots: 1,
    drainAt: { events: 30_000, bytes: 1 },
    versions: async () => ({ coppice: '0', node: '20', python: '3.12', packages: {} }),
    serverDownMs: async () => 0,
  });
  return openRun({ runId: 'run', spec: runSpecSchema.parse({ task: 'diamonds', ...spec }) });
}

async function writeTemplate(place: string, text: string): Promise<void> {
  await mkdir(path.join(tasks, place), { recursive: true });
  await writeFile(path.join(tasks, place, 'draft.liquid'), text);
}

async function stored(): Promise<string | undefined> {
  return (await store.read(`${runKeys('run').prompts}/draft.liquid`))?.toString('utf8');
}

test('the templates that the task names are copied into the run, and so are those of the spec instead', async () => {
  await writeTemplate('diamonds/mine', GOOD);
  await writeTemplate('others', GOOD.replace('Write', 'Begin'));
  const task = path.join(tasks, 'diamonds', 'task.yaml');
  await writeFile(task, 'prompts: mine\n', { flag: 'a' });
  await open({});
  expect(await stored()).toBe(GOOD);
  await store.remove('run');
  await open({ prompts: 'others' });
  expect(await stored()).toContain('Begin.');
});

test('a wrong template ends the start for good, before there is a run', async () => {
  await writeTemplate('wrong', `${GOOD}{{ nothing }}`);
  const place = path.join(tasks, 'wrong', 'draft.liquid');
  await expect(open({ prompts: 'wrong' })).rejects.toMatchObject({ type: 'InvalidTask', nonRetryable: true });
  await expect(open({ prompts: 'wrong' })).rejects.toThrow(`${place}, line 5: undefined variable: nothing`);
  expect(await store.exists(runKeys('run').run)).toBe(false);
});
