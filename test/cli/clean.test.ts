import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishBest } from '../../src/activities/best-link';
import { cleanJsonSchema, type CleanJson } from '../../src/cli/clean-json';
import { cleanRuns, type CleanFlags } from '../../src/cli/commands/clean';
import type { StateFile } from '../../src/domain/run-files';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import { runKeys } from '../../src/store/run-keys';
import { hashFiles } from '../helpers/coppice-process';
import { writeRun } from '../helpers/run-fixture';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

const ENDED = '2026-01-02T04:00:00.000Z';

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-clean-'));
  captured = captureContext({
    COPPICE_HOME: path.join(root, 'home'),
    COPPICE_STORE: path.join(root, 'runs'),
    COPPICE_GRADE: path.join(root, 'grade'),
  });
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** A run with one of everything that cleaning knows of, and of what it must leave. */
async function makeRun(runId: string, state: Partial<StateFile> = {}): Promise<void> {
  const { store } = captured.context;
  const keys = runKeys(runId);
  const nodes = [
    { id: 1, metric: 5 },
    { id: 2, parent: 1, metric: 4 },
  ];
  await writeRun(store, { runId, nodes, state: { state: 'finished', updatedAt: ENDED, ...state } });
  await publishBest(store, runId, 1);
  await publishBest(store, runId, 2);
  const attempt = {
    ...{ endpoint: 'e', model: 'm', sentAt: ENDED, endedAt: ENDED, outcome: 'answered', failure: null, status: null },
    usage: { calls: 1, promptTokens: 9, completionTokens: 1, cachedTokens: 0, reasoningTokens: 0, costUsd: 1 },
  };
  await store.write(`${keys.superseded('3-1')}/output.log`, 'old');
  await store.write(`${keys.superseded('3-1')}/calls/draft-1/attempt-1.json`, JSON.stringify(attempt));
  for (const variant of ['seed-1', 'refit'] as const) {
    const { submission, execution } = keys.node(2).variant(variant);
    await store.write(submission, 'id,price\n');
    await store.write(execution, '{}');
  }
  for (const place of [
    path.join(root, 'home', 'kept', runId, '1-1', 'working'),
    path.join(root, 'home', 'work', runId, '2-1'),
    path.join(root, 'grade', runId),
  ]) {
    await mkdir(place, { recursive: true });
    await writeFile(path.join(place, 'file'), 'x'.repeat(10_000));
  }
}

async function clean(runId: string | undefined, flags: CleanFlags = {}): Promise<CleanJson> {
  expect(await cleanRuns(captured.context, runId, { ...flags, json: true })).toBe(0);
  return cleanJsonSchema.parse(captured.takeJson());
}

/** What every file of the run is, by its path below the run's directory. */
function filesOf(runId: string): Promise<Record<string, string>> {
  return hashFiles(path.join(root, 'runs', runId));
}

function whats({ runs }: CleanJson): string[] {
  return [...new Set(runs.flatMap(({ removed }) => removed.map(({ what }) => what)))].sort();
}

test('what a run that is over can do without goes; its best, its records, its cost and its hidden rows stay', async () => {
  await makeRun('r');
  const { store } = captured.context;
  const before = await filesOf('r');
  const cost = await readCallLedger(store, 'r');
  const cleaned = await clean('r');

  expect(whats(cleaned)).toEqual(['bests', 'kept', 'superseded', 'variants', 'working']);
  expect(cleaned.bytes).toBeGreaterThan(20_000);
  const gone = /^(?:bests\/1\/|superseded\/3-1\/output\.log|nodes\/2\/variants\/seed-1\/submission\.csv)/;
  const expected = Object.fromEntries(Object.entries(before).filter(([name]) => !gone.test(name)));
  expect(Object.keys(expected).length).toBeLessThan(Object.keys(before).length);
  expect(await filesOf('r')).toEqual(expected);
  expect((await store.read(`${runKeys('r').best}/solution.py`))?.toString()).toContain('node 2');
  expect(await readCallLedger(store, 'r')).toEqual(cost);
  for (const place of ['home/kept/r', 'home/work/r']) expect(existsSync(path.join(root, place))).toBe(false);
  expect(existsSync(path.join(root, 'grade', 'r', 'file'))).toBe(true);
  expect((await clean('r')).bytes).toBe(0);
});

test('--dry-run says the same and removes nothing', async () => {
  await makeRun('r');
  const before = await filesOf('r');
  const foreseen = await clean('r', { dryRun: true });
  expect(await filesOf('r')).toEqual(before);
  expect(foreseen.dryRun).toBe(true);
  expect(await clean('r')).toEqual({ ...foreseen, dryRun: false });
});

test('an unfinished run is left alone, and with --force loses only what it has done with', async () => {
  await makeRun('r', { state: 'running' });
  await expect(cleanRuns(captured.context, 'r', {})).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/is not over \(interrupted\).*--force/) as string,
  });
  expect(existsSync(path.join(root, 'home/kept/r'))).toBe(true);
  expect(whats(await clean('r', { force: true }))).toEqual(['kept', 'superseded']);
  expect(existsSync(path.join(root, 'home/work/r'))).toBe(true);
  expect(Object.keys(await filesOf('r'))).toContain('bests/1/node.json');
});

test('--all passes over what is not over or too young, and says so', async () => {
  await makeRun('old');
  await makeRun('young', { updatedAt: new Date().toISOString() });
  await makeRun('unfinished', { state: 'paused', pause: { reason: 'disk_limit', message: 'full' } });
  const cleaned = await clean(undefined, { all: true, olderThan: '7d' });
  expect(cleaned.runs.map(({ runId }) => runId)).toEqual(['old']);
  expect(cleaned.skipped.map(({ runId }) => runId)).toEqual(['unfinished', 'young']);
  await expect(cleanRuns(captured.context, undefined, { all: true, olderThan: 'soon' })).rejects.toThrow(
    /--older-than/,
  );
});

test('--everything deletes a run wholly, when that is said, and nothing that another run still reads', async () => {
  await makeRun('r');
  await expect(cleanRuns(captured.context, 'r', { everything: true })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('--yes') as string,
  });
  await writeRun(captured.context.store, { runId: 'again', spec: { replay: 'r' } });
  await expect(clean('r', { everything: true, yes: true })).rejects.toThrow(/run again by "again"/);
  await captured.context.store.remove('again');

  expect(whats(await clean('r', { everything: true, yes: true }))).toEqual(['grade', 'kept', 'run', 'working']);
  for (const place of ['runs/r', 'home/kept/r', 'home/work/r', 'grade/r']) {
    expect(existsSync(path.join(root, place))).toBe(false);
  }
});

test('wrong uses are refused, and people are told what went', async () => {
  await makeRun('r');
  for (const [runId, flags] of [
    [undefined, {}],
    ['r', { all: true }],
    ['other', {}],
  ] as const) {
    await expect(cleanRuns(captured.context, runId, flags)).rejects.toMatchObject({ exitCode: 2 });
  }
  await cleanRuns(captured.context, 'r', {});
  expect(captured.printed).toEqual([expect.stringMatching(/^r: freed [\d.]+ kB \(.*kept working directories/)]);
});
