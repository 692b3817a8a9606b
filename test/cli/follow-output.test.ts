import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FollowEnd } from '../../src/cli/follow-output';
import { followOutput } from '../../src/cli/follow-output';
import { liveOutputPath } from '../../src/sandbox/attempts';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeJson } from '../../src/store/json-file';
import { Redactor } from '../../src/store/redaction/redactor';
import { runKeys } from '../../src/store/run-keys';
import { writeRun } from '../helpers/run-fixture';
import { waitUntil } from '../helpers/wait-until';

const KEYS = runKeys('diamonds-1').node(4);

let root: string;
let store: ArtifactStore;
let leaving: AbortController;
let written: string;
let notes: string[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-follow-'));
  store = createDirectoryStore(path.join(root, 'runs'));
  leaving = new AbortController();
  written = '';
  notes = [];
});

afterEach(async () => {
  leaving.abort();
  await rm(root, { recursive: true, force: true });
});

function follow(): Promise<FollowEnd> {
  return followOutput({
    ...{ store, runId: 'diamonds-1', node: 4, hostId: 'here', signal: leaving.signal },
    redactor: new Redactor(['my-own-secret']),
    write: (text) => (written += text),
    note: (line) => notes.push(line),
  });
}

/** Begins an attempt on a host; returns what its script writes with. */
async function begin(attempt: number, hostId = 'here'): Promise<(text: string) => Promise<void>> {
  const directory = path.join(root, `4-${attempt}`);
  await mkdir(path.dirname(liveOutputPath(directory)), { recursive: true });
  await writeJson(store, KEYS.process, {
    ...{ attempt, hostId, bootId: 'boot', pid: null, startTime: null, codeHash: 'hash', token: 'token', directory },
    startedAt: '2026-01-02T03:04:05.000Z',
  });
  return (text) => appendFile(liveOutputPath(directory), text);
}

async function untilWritten(text: string): Promise<void> {
  await waitUntil(`"${text}" is written`, () => written === text);
}

test('output comes as it is written, and the end from what is stored, each part once', async () => {
  const write = await begin(1);
  await write('fold 1\n');
  const following = follow();
  await untilWritten('fold 1\n');
  await write('fold 2\n');
  await untilWritten('fold 1\nfold 2\n');
  await store.write(KEYS.output, 'fold 1\nfold 2\nscore 0.5\n');

  expect(await following).toBe('stored');
  expect(written).toBe('fold 1\nfold 2\nscore 0.5\n');
  expect(notes).toEqual([]);
});

test('a later attempt is followed from its beginning', async () => {
  await (
    await begin(1)
  )('first\n');
  const following = follow();
  await untilWritten('first\n');
  await (
    await begin(2)
  )('second\n');
  await untilWritten('first\nsecond\n');
  await store.write(KEYS.output, 'second\nend\n');

  expect(await following).toBe('stored');
  expect(written).toBe('first\nsecond\nend\n');
  expect(notes).toEqual(['\nattempt 2 begins']);
});

test('a script that has not started is waited for, one of another machine until its output is stored', async () => {
  const following = follow();
  await waitUntil('the first note', () => notes.length === 1);
  await begin(1, 'elsewhere');
  await waitUntil('the second note', () => notes.length === 2);
  await store.write(KEYS.output, 'all of it\n');

  expect(await following).toBe('stored');
  expect(notes).toEqual([expect.stringContaining('no script running yet'), expect.stringContaining('(elsewhere)')]);
  expect(written).toBe('all of it\n');
});

test('secrets are taken out, also when a look falls into one', async () => {
  const write = await begin(1);
  await write('fold 1\nkey my-own-');
  const following = follow();
  await untilWritten('fold 1\n');
  await write('secret used\n');
  await untilWritten('fold 1\nkey [redacted] used\n');
  await store.write(KEYS.output, 'fold 1\nkey [redacted] used\n');

  expect(await following).toBe('stored');
});

test('output that was cut for the store is not shown twice', async () => {
  const write = await begin(1);
  await write('a\nb\nc\n');
  const following = follow();
  await untilWritten('a\nb\nc\n');
  await store.write(KEYS.output, 'a\n[1 line left out]\n');

  expect(await following).toBe('stored');
  expect(written).toBe('a\nb\nc\n');
  expect(notes.join()).toContain('differs');
});

test('a node that was recorded without a script ends the following, and so does an interruption', async () => {
  await store.write(KEYS.record, '{}');
  expect(await follow()).toBe('none');

  await store.remove(KEYS.record);
  const following = follow();
  await waitUntil('the following waits', () => notes.length > 0);
  leaving.abort();
  expect(await following).toBe('interrupted');
});

test('a script that was ended with its run ends the following', async () => {
  await (
    await begin(1)
  )('fold 1\nfold');
  const following = follow();
  await untilWritten('fold 1\n');
  await writeRun(store, { runId: 'diamonds-1', state: { state: 'finished', stopReason: 'stopped' } });

  expect(await following).toBe('over');
  expect(written).toBe('fold 1\nfold');
});
