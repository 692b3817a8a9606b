import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { statusJsonSchema } from '../../src/cli/json-output';
import { parseOutput } from '../helpers/coppice-command';
import { Scene, soon } from '../recovery/scene';

jest.setTimeout(240_000);

/** What a worker has in its `.env`, as a key looks and as it does not. */
const SECRETS = {
  OPENAI_API_KEY: `sk-${'planted0Key'.repeat(5)}`,
  SOME_PASSWORD: 'correct horse battery staple',
} as const;

/** A key that nobody here has: by its looks alone. */
const FOREIGN = `hf_${'Foreign4Key'.repeat(3)}`;

/** A script that has found keys somewhere, and shows them. */
const TELLTALE = `import json
print('found ${SECRETS.OPENAI_API_KEY} and ${FOREIGN}')
print('progress ' * 20000 + '${SECRETS.SOME_PASSWORD}')
json.dump({'metric': 0.5}, open('working/result.json', 'w'))
`;

const FAILING = `raise ValueError('no login with ${SECRETS.SOME_PASSWORD} at ${FOREIGN}')\n`;

let scene: Scene;

beforeAll(async () => {
  // A proxy that answers nobody: neither the model's server nor Temporal's, both on this machine, are looked for there.
  const proxy = 'http://127.0.0.1:9';
  const environment = { COPPICE_MODEL: '', HTTP_PROXY: proxy, https_proxy: proxy };
  scene = await Scene.open(undefined, { environment });
  const lines = Object.entries(SECRETS).map(([name, value]) => `${name}="${value}"`);
  await writeFile(path.join(scene.place.home, '.env'), `${lines.join('\n')}\n`);
});

afterEach(() => {
  scene.model.control.clearRules();
});

afterAll(() => scene.close());

/** Names of the files below a directory in which a text stands. */
async function filesWith(directory: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file, 'latin1');
    if (texts.some((text) => content.includes(text))) found.push(path.relative(directory, file));
  }
  return found;
}

test('no file of a run and no event of its history holds a key, whoever lets it out', async () => {
  const words = `I use ${SECRETS.OPENAI_API_KEY} and ${FOREIGN}.\n\n\`\`\`python\n${TELLTALE}\`\`\`\n`;
  scene.model.control.addRules(
    { purpose: 'draft', node: 1, action: { type: 'answer', text: words } },
    { purpose: 'draft', node: 2, action: { type: 'answer', script: { code: FAILING } } },
    { purpose: 'review', action: { type: 'answer', text: `It shows ${SECRETS.SOME_PASSWORD}.` } },
  );
  await scene.place.run(['server']);
  const worker = await scene.ensureWorker();
  expect(worker.stderr() + worker.stdout()).toContain('OPENAI_API_KEY, SOME_PASSWORD from');
  scene.model.control.addRules({ node: 3, nth: 1, action: { type: 'hold' } });
  await scene.start('leaky', scene.spec({ steps: 3, models: { default: 'scripted' }, keep: true }));
  await scene.untilAsked('leaky', 3);
  const hint = await scene.place.run(['hint', 'leaky', `Log in with ${FOREIGN}.`]);
  expect(hint).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('a key in the hint is replaced') as string,
  });
  scene.model.control.release();
  const { nodes } = await scene.untilFinished('leaky');

  const secrets = [...Object.values(SECRETS), FOREIGN];
  expect(await filesWith(scene.place.file('leaky'), secrets)).toEqual([]);
  const history = await scene.place.temporal(['workflow', 'show', '--workflow-id', 'leaky', '--output', 'json']);
  for (const secret of secrets) {
    expect(history).not.toContain(secret);
    expect(history).not.toContain(Buffer.from(secret).toString('base64').slice(4, -4));
  }
  expect(await filesWith(path.join(scene.place.home, 'logs'), secrets)).toEqual([]);
  expect(await scene.place.read('leaky/nodes/1/output.log')).toMatch(/^found \[redacted\] and \[redacted\]\n/);
  expect(await scene.place.read('leaky/nodes/1/plan.md')).toContain('I use [redacted] and [redacted].');
  expect(nodes.find(({ id }) => id === 2)?.message).toContain('no login with [redacted] at [redacted]');
  expect(nodes).toHaveLength(3);
  // Kept where the run asked for it, and named there.
  expect(await readdir(path.join(scene.place.home, 'kept', 'leaky'))).toContain('1-1');
});

test('low space pauses a run in clear words, and it goes on when there is room', async () => {
  const worker = await scene.ensureWorker();
  await worker.kill();
  const cramped = scene.place.coppice(['worker', '--slots', '1'], { COPPICE_MIN_FREE: '100%' });
  await cramped.waitFor(/warnings in/);
  await scene.start('cramped', scene.spec({ steps: 1, models: { default: 'scripted' } }));
  const isPaused = async (): Promise<boolean> => (await scene.place.readRun('cramped')).state?.state === 'paused';
  await soon('the run pauses', isPaused, 200, 60_000);
  const status = parseOutput(statusJsonSchema, await scene.place.run(['status', 'cramped', '--json']));
  expect(status.pause).toMatchObject({ reason: 'disk_full' });
  expect(status.pause?.message).toMatch(/free on the disk of COPPICE_STORE .*COPPICE_MIN_FREE.*make some there/);
  await cramped.kill();

  await scene.ensureWorker();
  expect((await scene.place.run(['resume', 'cramped'])).exitCode).toBe(0);
  expect((await scene.untilFinished('cramped')).nodes).toHaveLength(1);
});

test('a run at the cap on its disk pauses, goes on at once with more, and can be stopped with its best so far', async () => {
  await scene.ensureWorker();
  await scene.start(
    'capped',
    scene.spec({ steps: 200, models: { default: 'scripted' }, limits: { runDisk: '150kB' } }),
  );
  const pauseAt = (cap: RegExp) => async (): Promise<boolean> =>
    cap.test((await scene.place.readRun('capped')).state?.pause?.message ?? '');
  await soon('the run pauses', pauseAt(/cap of 150 kB/), 200, 100_000);
  const extended = await scene.place.run(['extend', 'capped', '--disk', '+100kB']);
  expect(extended.stdout).toContain('extended capped');
  await soon('the run pauses again', pauseAt(/cap of 250 kB/), 200, 100_000);
  const { pause } = parseOutput(statusJsonSchema, await scene.place.run(['status', 'capped', '--json']));
  expect(pause).toMatchObject({ reason: 'disk_limit' });
  expect(pause?.message).toMatch(/run capped fills [\d.]+ [kM]B on disk, more than its cap of 250 kB \(--max-disk\)/);
  expect((await scene.place.run(['stop', 'capped'])).exitCode).toBe(0);
  expect((await scene.untilFinished('capped')).nodes.length).toBeLessThan(200);
});
