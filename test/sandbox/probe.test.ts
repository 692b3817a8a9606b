import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeTree } from '../../src/sandbox/attempts';
import { openIsolations, type Isolations } from '../../src/sandbox/isolation/choose-isolation';
import { describeWithTool } from '../helpers/require-tool';
import { hasBubblewrap, pinnedPython } from './isolated-script';

let root: string;
let store: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-probe-'));
  store = path.join(root, 'runs');
  await mkdir(path.join(store, 'some-run'), { recursive: true });
  await writeFile(path.join(store, 'some-run', 'run.json'), '{}');
});

afterAll(() => removeTree(root));

async function open(searchPath: string | undefined): Promise<Isolations> {
  return openIsolations({
    home: path.join(root, 'home'),
    hidden: [store],
    pythonPath: await pinnedPython(),
    searchPath,
  });
}

/** A `bwrap` of the given words, and the PATH to find it by. */
async function fakeBubblewrap(words: string): Promise<string> {
  const directory = await mkdtemp(path.join(root, 'bin-'));
  await writeFile(
    path.join(directory, 'bwrap'),
    `#!/bin/sh\nif [ "$1" = --version ]; then echo bubblewrap 0.8.0; exit; fi\n${words}\n`,
  );
  await chmod(path.join(directory, 'bwrap'), 0o755);
  return directory;
}

describeWithTool('bubblewrap', hasBubblewrap, () => {
  test('a store above the interpreter is no reason to doubt', async () => {
    const above = path.dirname(path.dirname(path.dirname(await pinnedPython())));
    const setup = { home: path.join(root, 'home'), hidden: [above], pythonPath: await pinnedPython() };

    expect((await openIsolations({ ...setup, searchPath: process.env['PATH'] })).refusal).toBeNull();
  });

  test('the probe proves it, and it is what auto takes', async () => {
    const isolations = await open(process.env['PATH']);

    expect(isolations.refusal).toBeNull();
    expect(isolations.choose('auto').name).toBe('bubblewrap');
    expect(isolations.choose('bubblewrap').name).toBe('bubblewrap');
    expect(isolations.choose('process').name).toBe('process');
    expect(await readdir(path.join(root, 'home', 'isolation'))).toEqual(['accounts']);
  });
});

test('without bubblewrap auto takes process, and who asks for it learns what to install', async () => {
  const isolations = await open('');

  expect(isolations.choose('auto').name).toBe('process');
  expect(isolations.refusal).toMatchObject({
    reason: expect.stringMatching(process.platform === 'linux' ? 'not installed' : 'needs Linux') as unknown,
  });
  expect(() => isolations.choose('bubblewrap')).toThrow(
    expect.objectContaining({
      type: 'IsolationUnavailable',
      message: expect.stringContaining(isolations.refusal?.fix ?? 'never') as unknown,
    }) as Error,
  );
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a bubblewrap that the system refuses is told with its own words', async () => {
  const searchPath = await fakeBubblewrap('echo "bwrap: setting up uid map: Permission denied" >&2; exit 1');
  const isolations = await open(searchPath);

  expect(isolations.best.name).toBe('process');
  expect(isolations.refusal?.reason).toContain('setting up uid map: Permission denied');
  expect(isolations.refusal?.fix).not.toBe('');
});

onLinux('one that starts scripts and keeps them from nothing is found out', async () => {
  const inAttempt =
    'for word; do [ "$last" = --bind ] && [ -z "$place" ] && place=$word; last=$word; done; cd "$place"';
  const searchPath = await fakeBubblewrap(`${inAttempt}\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"`);
  const { refusal } = await open(searchPath);

  expect(refusal?.reason).toContain('starts, but does not hold');
  expect(refusal?.reason).toContain(`${path.join(store, 'some-run', 'run.json')} can be seen`);
  expect(refusal?.reason).toContain('the network can be reached');
  expect(refusal?.reason).toContain('processes outside can be seen');
});
