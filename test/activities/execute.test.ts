import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Isolation } from '../../src/sandbox/isolation/isolation';
import { processIsolation } from '../../src/sandbox/isolation/process';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { contentHash } from '../../src/store/content-hash';
import { ExecuteFixture, HOST_ID, quietEnvironment, RUN_ID, worked } from './execute-fixture';

const REPORT = `import json, os; os.makedirs('working', exist_ok=True); json.dump({'metric': 0.5}, open('working/result.json', 'w'))`;

let fixture: ExecuteFixture;

beforeEach(async () => {
  fixture = await ExecuteFixture.make();
});

afterEach(() => fixture.remove());

describe('a script that works', () => {
  it('has its score, output and facts stored', async () => {
    expect(
      await fixture.execute(
        `${REPORT}\nimport sys\nprint('out', flush=True)\nprint('err', file=sys.stderr)\nprint('end')`,
      ),
    ).toEqual(worked(0.5));
    expect(await fixture.output()).toBe('out\nerr\nend\n');
    expect(await fixture.execution()).toMatchObject({
      status: 'ok',
      reason: null,
      message: '',
      metric: 0.5,
      attempt: 1,
      exitCode: 0,
      signal: null,
      outputBytes: 12,
      submissionHash: null,
    });
    expect(await fixture.process()).toMatchObject({
      attempt: 1,
      hostId: HOST_ID,
      directory: fixture.attemptDirectory(1, 1),
    });
  });

  it.each([
    ['an integer', `import json, os; json.dump({'metric': 3}, open('working/result.json', 'w'))`, 3],
    ['a last line of output', `print('metric: 0.1'); print('Validation metric (RMSE): 0.25'); print('bye')`, 0.25],
    ['a file rather than the output', `${REPORT}; print('metric: 9')`, 0.5],
  ])('may report its score as %s', async (_name, code, metric) => {
    expect(await fixture.execute(code)).toEqual(worked(metric));
  });

  it('sees its data read-only, an empty home and nothing of the environment of the worker', async () => {
    process.env['OPENAI_API_KEY'] = 'sk-secret';
    try {
      await fixture.execute(
        `${REPORT}
import os, tempfile
print(sorted(set(os.environ) - {'PWD', 'OLDPWD', 'SHLVL', '_'}))
print(sorted(os.listdir('input')), open('input/more/extra.csv').read().split())
print(os.listdir(os.environ['HOME']), tempfile.gettempdir() == os.environ['TMPDIR'], oct(os.stat('input/train.csv').st_mode & 0o777))
print(os.environ['OMP_NUM_THREADS'], os.environ['LOKY_MAX_CPU_COUNT'], sorted(os.listdir('.')))
import multiprocessing
if __name__ == '__main__': print(multiprocessing.Manager().list([1]), input_is_closed := os.read(0, 1))`,
        {},
        { slots: 1000 },
      );
    } finally {
      delete process.env['OPENAI_API_KEY'];
    }
    const [names, data, home, threads, manager] = (await fixture.output()).split('\n');
    expect(names).not.toContain('OPENAI');
    expect(names).toBe(
      `['BLIS_NUM_THREADS', 'COPPICE_ATTEMPT', 'CUDA_VISIBLE_DEVICES', 'HOME', 'LANG', 'LC_ALL', 'LOKY_MAX_CPU_COUNT', 'MKL_NUM_THREADS', 'MPLBACKEND', 'NUMBA_NUM_THREADS', 'NUMEXPR_MAX_THREADS', 'NUMEXPR_NUM_THREADS', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'POLARS_MAX_THREADS', 'PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED', 'PYTHONUNBUFFERED', 'RAYON_NUM_THREADS', 'TMPDIR', 'USER', 'VECLIB_MAXIMUM_THREADS']`,
    );
    expect(data).toBe(`['more', 'train.csv'] ['c', '3']`);
    expect(home).toBe('[] True 0o444');
    expect(threads).toBe(`1 1 ['.home', '.tmp', 'input', 'solution.py', 'working']`);
    expect(manager).toBe(`[1] b''`);
  });

  it('is not run again: what is stored for the same code is the answer', async () => {
    const code = `${REPORT}\nopen('${fixture.root}/starts', 'a').write('x')`;
    await fixture.execute(code);
    await fixture.execute(code);
    expect(await readFile(path.join(fixture.root, 'starts'), 'utf8')).toBe('x');
  });

  it('is run anew when its code changed; the old run moves to superseded', async () => {
    await fixture.execute(`${REPORT}; print('old')`);
    const node = fixture.keys.node(1);
    await fixture.store.write(node.review, '{"old": true}');
    await fixture.store.write(node.call('review', 1).response, '{"old": true}');
    await fixture.store.write(node.call('draft', 1).response, '{"kept": true}');
    expect(await fixture.execute(`print('metric: 7'); print('new')`)).toEqual(worked(7));
    expect(await fixture.output()).toContain('new');
    expect(await fixture.store.exists(node.review)).toBe(false);
    expect(await fixture.store.list(node.calls)).toEqual(['draft-1']);
    const superseded = fixture.keys.superseded('1-execution-1');
    expect((await fixture.store.list(superseded)).sort()).toEqual([
      'calls',
      'execution.json',
      'output.log',
      'review.json',
    ]);
    expect((await fixture.store.read(`${superseded}/output.log`))?.toString()).toBe('old\n');
  });

  it('shares one copy of the data with the scripts of the run, also those that start at once', async () => {
    const nodes = [1, 2, 3].map((nodeId) =>
      fixture.execute(`${REPORT}; print(open('input/train.csv').read())`, { nodeId }),
    );
    await Promise.all(nodes);
    for (const nodeId of [1, 2, 3]) expect(await fixture.output(nodeId)).toContain('a,b\n1,2');
    const entries = await readdir(path.join(fixture.home, 'work', RUN_ID));
    expect(entries.filter((name) => name.includes('input'))).toEqual(['input']);
  });
});

describe('a script that fails', () => {
  it.each([
    ['exception', `x = {}\nx['missing']`, /^KeyError: 'missing' \(exit status 1\)$/],
    ['exception', `def f(:`, /^SyntaxError: .* \(exit status 1\)$/],
    ['exception', `import sys; print('bad data'); sys.exit(3)`, /^bad data \(exit status 3\)$/],
    ['exception', `import os; os._exit(7)`, /^the script ended without any output \(exit status 7\)$/],
    ['no_metric', `import os; os._exit(0)`, /no working\/result\.json and no output line "metric: number"/],
    ['no_metric', `import os, sys; sys.stdout.close(); sys.stderr.close(); os.close(1)`, /no working\/result\.json/],
    ['killed', `import os, signal; os.kill(os.getpid(), signal.SIGTERM)`, /SIGTERM \(sent by something other/],
    ['killed', `import os, signal; os.kill(os.getpid(), signal.SIGKILL)`, /SIGKILL/],
    ['killed', `import ctypes; ctypes.string_at(0)`, /SIGSEGV \(a crash in native code\)/],
    ['out_of_memory', `x = 'x' * (1 << 62)`, /Python ran out of memory: MemoryError/],
    ['bad_metric', `open('working/result.json', 'w').write('{"metric": NaN}')`, /holds NaN/],
    [
      'bad_metric',
      `import json; json.dump({'metric': float('inf')}, open('working/result.json', 'w'))`,
      /holds Infinity/,
    ],
    ['bad_metric', `open('working/result.json', 'w').write('{"metric": "0.5"}')`, /the text "0\.5"/],
    ['bad_metric', `open('working/result.json', 'w').write(' ' * 100_000)`, /has 100000 bytes/],
    [
      'bad_metric',
      `import os; open('r.json', 'w').write('{"metric": 1}'); os.symlink('../r.json', 'working/result.json')`,
      /symbolic link/,
    ],
    ['bad_metric', `import os; os.mkfifo('working/result.json')`, /not a regular file/],
    ['bad_metric', `print('metric: nan')`, /metric is nan/],
  ])('has the reason %s: %s', async (reason, code, message) => {
    expect(await fixture.execute(code)).toEqual({ status: 'failed', reason });
    expect(await fixture.execution()).toMatchObject({
      status: 'failed',
      reason,
      metric: null,
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('keeps 200 MB of quick output below a MiB, with its end, its size and the score', async () => {
    const code = `
import sys
line = 'x' * 999 + '\\n'
for _ in range(2000): sys.stdout.write(line * 100)
print('metric: 4')
for _ in range(2000): sys.stdout.write(line)
print('the end')`;
    expect(await fixture.execute(code)).toEqual(worked(4));
    const output = await fixture.output();
    expect(output.length).toBeLessThanOrEqual(1024 * 1024);
    expect(output).toMatch(/bytes of output left out here; result lines among them:\]\nmetric: 4\n/);
    expect(output.endsWith('the end\n')).toBe(true);
    expect((await fixture.execution())?.outputBytes).toBeGreaterThan(200_000_000);
  });

  it('takes any bytes as output', async () => {
    const code = `import os, sys\nfor _ in range(50): os.write(1, os.urandom(65536))\nos.write(1, b'\\n')\nsys.exit('over')`;
    expect(await fixture.execute(code)).toEqual({ status: 'failed', reason: 'exception' });
    expect((await fixture.execution())?.message).toContain('over');
  });
});

describe('the submission', () => {
  const SUBMIT = (text: string): string =>
    `${REPORT}; open('working/submission.csv', 'w').write(${JSON.stringify(text)})`;

  beforeEach(async () => {
    await fixture.remove();
    fixture = await ExecuteFixture.make('id,b\n1,0\n2,0\n');
  });

  it('is stored with its hash when it fits the sample', async () => {
    expect(await fixture.execute(SUBMIT('id,b\n2,5\n1,4\n'))).toEqual(worked(0.5));
    expect((await fixture.store.read(fixture.keys.node(1).submission))?.toString()).toBe('id,b\n2,5\n1,4\n');
    expect((await fixture.execution())?.submissionHash).toBe(contentHash('id,b\n2,5\n1,4\n'));
  });

  it.each([
    ['no_submission', REPORT, /wrote no working\/submission\.csv/],
    ['bad_submission', SUBMIT('id,b\n1,4\n3,5\n'), /1 ids are not in the sample \(such as "3"\)/],
    ['bad_submission', SUBMIT('id,b\n1,4\n'), /it has 1 rows, the sample has 2/],
    ['no_metric', `open('working/submission.csv', 'w').write('id,b\\n1,4\\n2,5\\n')`, /no working\/result\.json/],
  ])('fails the node with %s, and is not stored', async (reason, code, message) => {
    expect(await fixture.execute(code)).toEqual({ status: 'failed', reason });
    expect(await fixture.execution()).toMatchObject({
      message: expect.stringMatching(message) as unknown,
      submissionHash: null,
    });
    expect(await fixture.store.exists(fixture.keys.node(1).submission)).toBe(false);
  });

  it('of an attempt that was killed before its end does not outlive it', async () => {
    await fixture.store.write(fixture.keys.node(1).submission, 'of the killed attempt');
    await fixture.store.write(fixture.keys.node(1).output, 'of the killed attempt');
    await mkdir(fixture.attemptDirectory(1, 1), { recursive: true });
    await writeFile(path.join(fixture.attemptDirectory(1, 1), 'file'), '');
    expect(await fixture.execute(REPORT)).toEqual({ status: 'failed', reason: 'no_submission' });
    expect(await fixture.store.exists(fixture.keys.node(1).submission)).toBe(false);
    expect(await fixture.output()).toBe('');
    expect(await fixture.execution()).toMatchObject({ attempt: 2 });
    expect(await readdir(path.join(fixture.home, 'work', RUN_ID))).not.toContain('1-1');
  });
});

describe('a failure of the machinery is thrown, and nothing is blamed on the script', () => {
  it('when there is no Python', async () => {
    const run = fixture.execute(REPORT, {}, { pythonPath: path.join(fixture.root, 'python') });
    await expect(run).rejects.toMatchObject({ type: 'PythonUnavailable', nonRetryable: false });
    expect(await fixture.execution()).toBeNull();
  });

  it('when the data is gone', async () => {
    await rm(fixture.dataDirectory, { recursive: true });
    await expect(fixture.execute(REPORT)).rejects.toMatchObject({ type: 'StoreUnavailable' });
    expect(await fixture.execution()).toBeNull();
  });

  it('when the store breaks at the end; the result is not lost, and the script not run again', async () => {
    const broken: ArtifactStore = {
      ...fixture.store,
      writeFile: () => Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })),
    };
    const code = `${REPORT}\nopen('${fixture.root}/starts', 'a').write('x')`;
    await expect(fixture.execute(code, {}, { store: broken })).rejects.toMatchObject({ type: 'DiskFull' });
    expect(await fixture.execution()).toBeNull();
    expect(await fixture.execute(code)).toEqual(worked(0.5));
    expect(await readFile(path.join(fixture.root, 'starts'), 'utf8')).toBe('x');
  });

  it('when the script cannot be started at all', async () => {
    const broken: Isolation = {
      ...processIsolation,
      command: async (placement) => ({ ...(await processIsolation.command(placement)), command: ['/no/such/bwrap'] }),
    };
    const run = fixture.execute(REPORT, {}, { isolationFor: () => Promise.resolve(broken) });
    await expect(run).rejects.toMatchObject({ type: 'IsolationUnavailable', nonRetryable: false });
    expect(await fixture.execution()).toBeNull();
    expect(await fixture.leftovers()).toEqual([]);
  });
});

describe('what the run decides', () => {
  it('lets a script that reports no score work when others score it', async () => {
    expect(await fixture.execute(`print('hello')`, { needsMetric: false })).toEqual(worked(null));
    expect(await fixture.execution()).toMatchObject({ status: 'ok', metric: null });
  });

  it('keeps further runs of a script apart from its own, each with its seed', async () => {
    const code = `import os\nprint('metric:', os.environ.get('COPPICE_SEED', '7'))`;
    expect(await fixture.execute(code)).toEqual(worked(7));
    expect(await fixture.execute(code, { variant: 'seed-1' })).toEqual(worked(1));
    expect(await fixture.execute(code, { variant: 'seed-2' })).toEqual(worked(2));
    const keys = fixture.keys.node(1);
    expect((await fixture.store.read(keys.variant('seed-2').output))?.toString()).toBe('metric: 2\n');
    expect(await fixture.output()).toBe('metric: 7\n');
  });
});

it('follows links in the data and leaves out one that leads back up', async () => {
  await symlink(fixture.dataDirectory, path.join(fixture.dataDirectory, 'more', 'loop'));
  await symlink(path.join(fixture.dataDirectory, 'train.csv'), path.join(fixture.dataDirectory, 'linked.csv'));
  await fixture.execute(
    `import os\nprint(sorted(os.listdir('input')), os.listdir('input/more'))\nprint(open('input/linked.csv').read())`,
  );
  expect(await fixture.output()).toBe(`['linked.csv', 'more', 'train.csv'] ['extra.csv']\na,b\n1,2\n\n`);
});

it('beats with its host and the last line of output', async () => {
  const beats: unknown[] = [];
  const activity = quietEnvironment();
  activity.on('heartbeat', (details) => beats.push(details));
  await fixture.execute(`import time\nprint('fold 1 of 5')\ntime.sleep(5)`, {}, { activity });
  expect(beats[0]).toEqual({ hostId: HOST_ID, nodeId: 1, line: '' });
  expect(beats).toContainEqual({ hostId: HOST_ID, nodeId: 1, line: 'fold 1 of 5' });
});
