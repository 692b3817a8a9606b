import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { selectionFileSchema } from '../../src/domain/selection';
import { FOUND, SERVER_PORT, huntingScript, linkingScript } from './hunting-scripts';
import { Scene } from './scene';

jest.setTimeout(240_000);

const TRAIN_ROWS = 2200;
const TEST_ROWS = 100;

/** What every label looks like, and nothing else on the machine. */
const LABEL = /41\d{6}\.84375/g;

const STEPS = 4;

describe('labels that were withheld', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
    await writeTask(scene.place.task);
    await scene.ensureWorker();
  });
  afterEach(() => scene.model.control.clearRules());
  afterAll(() => scene.close());

  it('cannot be found by a script under bubblewrap, and stand in no file, prompt, log or history of the run', async () => {
    await plant('hidden');
    await scene.start('hidden', holdout('bubblewrap'));
    await scene.untilAsked('hidden', STEPS);
    const withheld = await withheldLabels('hidden');
    expect(scene.has('hidden/selection.json')).toBe(false);
    expect(await filesWith(withheld)).toEqual([]);
    scene.model.control.release();
    const run = await scene.untilFinished('hidden');

    expect(run.nodes.map(({ status }) => status)).toEqual(['working', 'failed', 'working', 'working']);
    expect(await foundBy('hidden', 1)).toEqual([]);
    expect(await scene.place.read('hidden/nodes/2/predictions.csv')).toBeNull();
    expect(await filesWith(withheld)).toEqual([]);
    const shown = await scene.place.temporal(['workflow', 'show', '--workflow-id', 'hidden', '--output', 'json']);
    expect(labelsIn(shown).filter((label) => withheld.has(label))).toEqual([]);
    const selection = selectionFileSchema.parse(JSON.parse((await scene.place.read('hidden/selection.json')) ?? ''));
    expect(selection.selectionScore).not.toBeNull();
  });

  it('are within reach of a script without isolation, and the run says so', async () => {
    await plant('open');
    await scene.start('open', holdout('process'));
    await scene.untilAsked('open', STEPS);
    scene.model.control.release();
    await scene.untilFinished('open');

    const found = await foundBy('open', 1);
    expect(found).toEqual(expect.arrayContaining([originalFile(), answers('open'), SERVER_PORT]));
    const status = await scene.place.run(['status', 'open']);
    expect(status.stdout).toContain('not hidden');
    expect(await scene.place.read('open/report.md')).toContain('not hidden');
  });

  /** Node 1 hunts, node 2 hands in links to what it must not see, node 4 waits until it is let go. */
  async function plant(runId: string): Promise<void> {
    const port = Number((await scene.place.server())?.address.split(':').at(-1));
    const paths = [originalFile(), scene.place.store, scene.place.home, answers(runId)];
    scene.model.control.addRules(
      { node: 1, purpose: 'draft', action: { type: 'answer', text: huntingScript(paths, port, LABEL.source) } },
      { node: 2, purpose: 'draft', action: { type: 'answer', text: linkingScript(originalFile()) } },
      { node: STEPS, nth: 1, action: { type: 'hold' } },
    );
  }

  function holdout(isolation: 'bubblewrap' | 'process'): Readonly<Record<string, unknown>> {
    return scene.spec({ steps: STEPS, policy: { numDrafts: STEPS }, evaluation: 'holdout', isolation });
  }

  function originalFile(): string {
    return path.join(scene.place.task, 'input', 'train.csv');
  }

  function answers(runId: string): string {
    return path.join(scene.place.home, 'grade', runId);
  }

  /** Labels of the user's own training file that scripts were not given. */
  async function withheldLabels(runId: string): Promise<ReadonlySet<string>> {
    const own = labelsIn(await readFile(originalFile(), 'utf8'));
    const given = new Set(labelsIn((await scene.place.read(`${runId}/data/train.csv`)) ?? ''));
    const withheld = new Set(own.filter((label) => !given.has(label)));
    expect(own).toHaveLength(TRAIN_ROWS);
    expect(withheld.size).toBeGreaterThan(TRAIN_ROWS / 10);
    expect(withheld.size).toBeLessThan(TRAIN_ROWS / 2);
    return withheld;
  }

  /** Files of the workplace that hold one of the labels, but for the user's own and those of the grade worker. */
  async function filesWith(labels: ReadonlySet<string>): Promise<string[]> {
    const root = path.dirname(scene.place.home);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => file !== originalFile() && !file.startsWith(path.join(scene.place.home, 'grade')));
    expect(files).toContain(scene.place.file('hidden/run.json'));
    const found: string[] = [];
    for (const file of files) {
      if (labelsIn(await readFile(file, 'latin1').catch(() => '')).some((label) => labels.has(label))) found.push(file);
    }
    return found;
  }

  async function foundBy(runId: string, node: number): Promise<unknown> {
    const output = (await scene.place.read(`${runId}/nodes/${node}/output.log`)) ?? '';
    const line = output.split('\n').find((text) => text.startsWith(FOUND));
    return line === undefined ? `nothing was said:\n${output}` : JSON.parse(line.slice(FOUND.length));
  }
});

function labelsIn(text: string): string[] {
  return text.match(LABEL) ?? [];
}

async function writeTask(task: string): Promise<void> {
  const input = path.join(task, 'input');
  const row = (id: number): string => `${id},${id % 13},${41_000_000 + id * 97}.84375`;
  const ids = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);
  const write = (name: string, header: string, lines: readonly string[]): Promise<void> =>
    writeFile(path.join(input, name), [header, ...lines, ''].join('\n'));
  await write('train.csv', 'id,x,y', ids(0, TRAIN_ROWS).map(row));
  const test = ids(TRAIN_ROWS, TEST_ROWS);
  await write(
    'test.csv',
    'id,x',
    test.map((id) => `${id},${id % 13}`),
  );
  await write(
    'sample_submission.csv',
    'id,y',
    test.map((id) => `${id},0`),
  );
  const lines = ['goal: Predict y.', 'metric: rmse', 'target: y', 'id: id', 'train: train.csv', 'test: test.csv'];
  await writeFile(path.join(task, 'task.yaml'), [...lines, 'sample: sample_submission.csv', ''].join('\n'));
}
