import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ApplicationFailure } from '@temporalio/common';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { StoreError, toStoreFailure } from '../../src/store/store-error';
import { freeSupersededKey } from '../../src/store/supersede';

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-store-'));
  store = createDirectoryStore(root);
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('a directory store', () => {
  it('gives back what was written, byte by byte, and null for what was not', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 200]);
    await store.write('run/nodes/1/output.log', bytes);
    expect(await store.read('run/nodes/1/output.log')).toEqual(bytes);
    expect(await store.read('run/nodes/2/output.log')).toBeNull();
    expect(await store.read('run/nodes/1/output.log/deeper')).toBeNull();
    expect(await store.exists('run/nodes/1')).toBe(true);
    expect(await store.exists('run/nodes/2')).toBe(false);
  });

  it('replaces a file whole, also with many writers at once, and leaves nothing else behind', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
    await Promise.all(texts.map((text) => store.write('run/state.json', text)));
    expect(texts).toContain((await store.read('run/state.json'))?.toString());
    expect(await readdir(path.join(root, 'run'))).toEqual(['state.json']);
  });

  it('stores a local file and leaves the original', async () => {
    const local = path.join(root, 'local.bin');
    await writeFile(local, 'content', { mode: 0o400 });
    await store.writeFile('run/submission.csv', local);
    expect((await store.read('run/submission.csv'))?.toString()).toBe('content');
    expect(await readFile(local, 'utf8')).toBe('content');
    await store.write('run/submission.csv', 'replaced');
    expect((await store.read('run/submission.csv'))?.toString()).toBe('replaced');
  });

  it('copies within itself, as a file of its own, and says when there is nothing', async () => {
    await store.write('run/nodes/1/solution.py', 'one');
    expect(await store.copy('run/nodes/1/solution.py', 'fork/nodes/1/solution.py')).toBe(true);
    await store.write('run/nodes/1/solution.py', 'two');
    expect((await store.read('fork/nodes/1/solution.py'))?.toString()).toBe('one');
    expect(await store.copy('run/nodes/2/solution.py', 'fork/nodes/2/solution.py')).toBe(false);
    expect(await store.copy('run/nodes', 'fork/all')).toBe(false);
    expect(await store.list('fork/nodes')).toEqual(['1']);
    expect(await store.list('fork')).toEqual(['nodes']);
  });

  it('appends lines and lists names sorted, without what a killed writer left', async () => {
    await store.append('run/journal.jsonl', 'a\n');
    await store.append('run/journal.jsonl', 'b\n');
    await store.write('run/nodes/10/node.json', '{}');
    await store.write('run/nodes/9/node.json', '{}');
    await writeFile(path.join(root, 'run', '.tmp-left-behind'), 'half');
    expect((await store.read('run/journal.jsonl'))?.toString()).toBe('a\nb\n');
    expect(await store.list('run')).toEqual(['journal.jsonl', 'nodes']);
    expect(await store.list('run/nodes')).toEqual(['10', '9']);
    expect(await store.list('')).toEqual(['run']);
    expect(await store.list('absent')).toEqual([]);
  });

  it('moves a whole directory in one step and removes what it is told to', async () => {
    await store.write('run/nodes/1/a', 'a');
    await store.write('run/nodes/1/calls/draft-1/b', 'b');
    await store.move('run/nodes/1', 'run/superseded/1-1');
    expect(await store.list('run/nodes')).toEqual([]);
    expect((await store.read('run/superseded/1-1/calls/draft-1/b'))?.toString()).toBe('b');
    await store.remove('run/superseded');
    await store.remove('run/superseded');
    expect(await store.list('run')).toEqual(['nodes']);
    await expect(store.move('run/nodes/7', 'run/superseded/7-1')).rejects.toThrow(/cannot move run\/nodes\/7.*ENOENT/);
  });

  it('points a link at another target in one step: a reader never misses it', async () => {
    await store.write('run/bests/1/solution.py', '1');
    await store.write('run/bests/2/solution.py', '2');
    await store.link('run/best', 'run/bests/1');
    const stop = new AbortController();
    const readers = (async (): Promise<(string | undefined)[]> => {
      const seen: (string | undefined)[] = [];
      while (!stop.signal.aborted) seen.push((await store.read('run/best/solution.py'))?.toString());
      return seen;
    })();
    for (let round = 0; round < 50; round += 1) await store.link('run/best', `run/bests/${(round % 2) + 1}`);
    stop.abort();
    expect(new Set(await readers)).not.toContain(undefined);
    expect(await readlink(path.join(root, 'run', 'best'))).toBe('bests/2');
  });

  it.each(['../outside', 'run/../../outside', '/etc/passwd', 'run//x', '', './run', 'run\\x', 'run/\0', 'run/.tmp-1'])(
    'refuses the key %j',
    async (key) => {
      await expect(store.write(key, 'x')).rejects.toThrow(StoreError);
      await expect(store.read(key)).rejects.toThrow(/not a usable store key/);
      await expect(store.move('run', key)).rejects.toThrow(StoreError);
      await expect(store.link('run', key)).rejects.toThrow(StoreError);
    },
  );

  it('keeps the old content when a writer is killed while it writes', async () => {
    await store.write('run/state.json', 'old');
    const script = `
      const { createDirectoryStore } = require(${JSON.stringify(path.resolve('src/store/directory-store.ts'))});
      const store = createDirectoryStore(${JSON.stringify(root)});
      const big = 'x'.repeat(8_000_000);
      (async () => { console.log('ready'); for (;;) await store.write('run/other.json', big); })();`;
    const writer = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    await sleep(300);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect((await store.read('run/state.json'))?.toString()).toBe('old');
    const other = await store.read('run/other.json');
    expect(other === null || other.length === 8_000_000).toBe(true);
    expect((await store.list('run')).filter((name) => name !== 'other.json')).toEqual(['state.json']);
  });

  it('says what could not be done, where and why', async () => {
    await writeFile(path.join(root, 'run'), 'a file where a directory belongs');
    const error: unknown = await store.write('run/state.json', 'x').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StoreError);
    expect(String(error)).toMatch(/cannot write run\/state\.json in the store: .*(ENOTDIR|EEXIST)/);
    expect(toStoreFailure(error)).toMatchObject({ type: 'StoreUnavailable', nonRetryable: false });
  });
});

describe('store failures', () => {
  const systemError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

  it.each([
    ['ENOSPC', 'DiskFull'],
    ['EDQUOT', 'DiskFull'],
    ['EIO', 'StoreUnavailable'],
    ['EROFS', 'StoreUnavailable'],
  ])('%s becomes the retryable failure %s, also behind a store error', (code, type) => {
    expect(toStoreFailure(systemError(code))).toMatchObject({ type, nonRetryable: false });
    expect(toStoreFailure(new StoreError('cannot write x', systemError(code)))).toMatchObject({ type });
  });

  it('leaves a failure that has a type alone', () => {
    const failure = ApplicationFailure.nonRetryable('no', 'RunIdInUse');
    expect(toStoreFailure(failure)).toBe(failure);
  });
});

describe('stored JSON', () => {
  const schema = z.object({ value: z.number() });

  it('comes back as it was written; nothing is null', async () => {
    await writeJson(store, 'run/state.json', { value: 3 });
    expect(await readJson(store, 'run/state.json', schema)).toEqual({ value: 3 });
    expect(await readJson(store, 'run/absent.json', schema)).toBeNull();
  });

  it.each([
    ['{"value": ', /run\/state\.json is not valid JSON/],
    ['{"value": "3"}', /run\/state\.json does not have the expected shape: .*value/s],
  ])('is an error that names the key when it is %s', async (text, message) => {
    await store.write('run/state.json', text);
    await expect(readJson(store, 'run/state.json', schema)).rejects.toThrow(message);
  });
});

it('finds the next free place for what is superseded', async () => {
  expect(await freeSupersededKey(store, 'run', '4-execution')).toBe('run/superseded/4-execution-1');
  await mkdir(path.join(root, 'run', 'superseded', '4-execution-1'), { recursive: true });
  await mkdir(path.join(root, 'run', 'superseded', '4-1'));
  expect(await freeSupersededKey(store, 'run', '4-execution')).toBe('run/superseded/4-execution-2');
});
