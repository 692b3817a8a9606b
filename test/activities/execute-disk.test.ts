import { execFile } from 'node:child_process';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { RunFile } from '../../src/domain/run-files';
import { runFileSchema } from '../../src/domain/run-files';
import { DiskGuard } from '../../src/sandbox/disk-guard';
import { createRedactingStore } from '../../src/store/redaction/redacting-store';
import { Redactor } from '../../src/store/redaction/redactor';
import { readJson, writeJson } from '../../src/store/json-file';
import { waitUntil } from '../helpers/wait-until';
import { ExecuteFixture, RUN_ID, quietEnvironment, worked } from './execute-fixture';

const REPORT = `import json; open('working/made.txt', 'w').write('made'); json.dump({'metric': 0.5}, open('working/result.json', 'w'))`;
const MEGABYTE = 1_000_000;

let fixture: ExecuteFixture;

beforeEach(async () => {
  fixture = await ExecuteFixture.make();
});

afterEach(() => fixture.remove());

/** Changes what the fixture's run asks for. */
async function ask(change: (request: RunFile['request']) => RunFile['request']): Promise<void> {
  const run = await readJson(fixture.store, fixture.keys.run, runFileSchema);
  if (run !== null) await writeJson(fixture.store, fixture.keys.run, { ...run, request: change(run.request) });
}

describe('the working directory of a script', () => {
  it('goes when its result is stored', async () => {
    await fixture.execute(REPORT);
    expect(await fixture.leftovers()).toEqual([]);
    expect((await fixture.execution())?.keptAt).toBeUndefined();
  });

  it('is put aside in runs that keep it, failed ones and those without the right to write included', async () => {
    await ask((request) => ({ ...request, keep: true }));
    expect(await fixture.execute(`${REPORT}\nimport os; os.chmod('.', 0o555)`)).toEqual(worked(0.5));
    await fixture.execute(`${REPORT}\nraise ValueError('no')`, { nodeId: 2 });

    const kept = path.join(fixture.home, 'kept', RUN_ID);
    expect((await fixture.execution(1))?.keptAt).toBe(path.join(kept, '1-1'));
    expect((await fixture.execution(2))?.keptAt).toBe(path.join(kept, '2-1'));
    for (const name of ['1-1', '2-1']) {
      expect(await readFile(path.join(kept, name, 'working', 'made.txt'), 'utf8')).toBe('made');
      expect(await readFile(path.join(kept, name, 'solution.py'), 'utf8')).toContain(REPORT);
    }
    expect(await fixture.leftovers()).toEqual([]);
  });
});

describe('a disk with too little room', () => {
  /** What the guard is told of the disk; a real one stands in its place below. */
  function guard(freeBytes: () => number): DiskGuard {
    return new DiskGuard({
      store: path.join(fixture.root, 'runs'),
      home: fixture.home,
      minFree: (total) => total / 20,
      readSpace: () => Promise.resolve({ freeBytes: freeBytes(), totalBytes: 100 * MEGABYTE }),
    });
  }

  it('keeps a script from beginning, in clear words, until there is room', async () => {
    let free = 4 * MEGABYTE;
    const disk = guard(() => free);
    await expect(fixture.execute(REPORT, {}, { disk })).rejects.toMatchObject({
      type: 'DiskFull',
      nonRetryable: true,
      message: expect.stringMatching(
        /only 4 MB are free .*COPPICE_STORE.* 5 MB .*COPPICE_MIN_FREE.*make some/,
      ) as string,
    });
    expect(await fixture.leftovers()).toEqual([]);
    free = 6 * MEGABYTE;
    expect(await fixture.execute(REPORT, {}, { disk })).toEqual(worked(0.5));
  });

  it('does not touch what is stored already', async () => {
    await fixture.execute(REPORT);
    expect(await fixture.execute(REPORT, {}, { disk: guard(() => 0) })).toEqual(worked(0.5));
  });
});

describe('the cap on the disk that a run fills', () => {
  it('keeps the next script from beginning, but no run of the final selection', async () => {
    await ask((request) => ({ ...request, limits: { ...request.limits, runDisk: 5 * MEGABYTE } }));
    const disk = new DiskGuard({ store: path.join(fixture.root, 'runs'), home: fixture.home, minFree: () => 0 });
    expect(await fixture.execute(REPORT, {}, { disk })).toEqual(worked(0.5));
    const large = path.join(fixture.home, 'kept', RUN_ID, 'large');
    await mkdir(path.dirname(large), { recursive: true });
    await writeFile(large, Buffer.alloc(6 * MEGABYTE, 1));

    // A measurement holds for a while; one that is past the cap is made anew.
    const fresh = new DiskGuard({ store: path.join(fixture.root, 'runs'), home: fixture.home, minFree: () => 0 });
    await expect(fixture.execute(REPORT, { nodeId: 2 }, { disk: fresh })).rejects.toMatchObject({
      type: 'DiskLimit',
      nonRetryable: true,
      message: expect.stringMatching(/fills 6\.?\d* MB .* cap of 5 MB \(--max-disk\); `coppice clean/) as string,
    });
    const added = { nodeId: 2, extendedDiskBytes: MEGABYTE / 2 };
    await expect(fixture.execute(REPORT, added, { disk: fresh })).rejects.toThrow(/cap of 5\.5 MB/);
    await fixture.putScript(1, REPORT);
    expect(await fixture.execute(REPORT, { variant: 'seed-1' }, { disk: fresh })).toEqual(worked(0.5));
    const enough = { nodeId: 3, extendedDiskBytes: 4 * MEGABYTE };
    expect(await fixture.execute(REPORT, enough, { disk: fresh })).toEqual(worked(0.5));
    await truncate(large);
    expect(await fixture.execute(REPORT, { nodeId: 2 }, { disk: fresh })).toEqual(worked(0.5));
  });
});

test('a real disk that fills up keeps the next script from beginning', async () => {
  const small = path.join(fixture.root, 'small');
  await mkdir(small);
  // Where nothing may be mounted, the disk of the fixture is asked for more than it can have free.
  const isMounted = await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'coppice-test', small]).then(
    () => true,
    () => false,
  );
  try {
    const minFree = isMounted ? () => 8 * MEGABYTE : (totalBytes: number) => totalBytes * 2;
    const disk = new DiskGuard({ store: small, home: fixture.home, minFree: isMounted ? minFree : () => 0 });
    const full = new DiskGuard({ store: small, home: small, minFree });
    expect(await fixture.execute(REPORT, {}, { disk })).toEqual(worked(0.5));
    if (isMounted) await writeFile(path.join(small, 'filler'), Buffer.alloc(10 * MEGABYTE));
    await expect(fixture.execute(REPORT, { nodeId: 2 }, { disk: full })).rejects.toMatchObject({ type: 'DiskFull' });
  } finally {
    if (isMounted) await promisify(execFile)('umount', ['--lazy', small]);
  }
});

describe('a secret that a script writes', () => {
  const SECRET = 'correct horse battery';

  it('is neither in the stored output and message nor in what the server is told', async () => {
    const gate = path.join(fixture.root, 'gate');
    const code = `${REPORT}
import os, time
print('the key is ${SECRET}', flush=True)
while not os.path.exists(${JSON.stringify(gate)}): time.sleep(0.05)
raise ValueError('bad key ${SECRET}')`;
    const redactor = new Redactor([SECRET]);
    const told: string[] = [];
    const activity: MockActivityEnvironment = quietEnvironment();
    activity.on('heartbeat', (details: unknown) => told.push(JSON.stringify(details)));
    const store = createRedactingStore(fixture.store, redactor);
    const executed = fixture.execute(code, {}, { redactor, store, activity });
    await waitUntil('the server is told of the line', () => told.join('').includes('the key is'));
    await writeFile(gate, '');
    await executed;

    expect(told.join('\n')).toContain('the key is [redacted]');
    expect(told.join('\n')).not.toContain(SECRET);
    expect(await fixture.output()).toContain('the key is [redacted]');
    expect(await fixture.output()).not.toContain(SECRET);
    expect((await fixture.execution())?.message).toContain('bad key [redacted]');
  });
});
