import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { totalUsage } from '../../src/domain/call-ledger';
import type { Purpose } from '../../src/domain/purpose';
import { NO_USAGE, type Usage } from '../../src/domain/usage';
import type { AttemptFile } from '../../src/llm/call-files';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeJson } from '../../src/store/json-file';
import { callKeys, runKeys } from '../../src/store/run-keys';
import { writeCall } from '../helpers/stored-calls';

const keys = runKeys('run');
const SENT = '2026-01-02T03:04:05.000Z';

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-ledger-'));
  store = createDirectoryStore(root);
});

afterEach(() => rm(root, { recursive: true }));

function used(promptTokens: number, more: Partial<Usage> = {}): Usage {
  return { ...NO_USAGE, calls: 1, promptTokens, completionTokens: 10, costUsd: 0.01, ...more };
}

test('a run without calls used nothing', async () => {
  const ledger = await readCallLedger(store, 'run');

  expect(totalUsage(ledger)).toEqual(NO_USAGE);
  expect(ledger.unended).toEqual([]);
});

test('every sending counts once: of nodes recorded or not, of what was superseded, of digests and of the story', async () => {
  const node = keys.node(3);
  await writeCall(store, node.call('draft', 1), {
    purpose: 'draft',
    sendings: [{ usage: null }, { usage: used(100) }],
  });
  await writeCall(store, node.call('draft', 2), { purpose: 'draft', sendings: [{ usage: used(200) }] });
  await writeCall(store, node.call('review', 1), { purpose: 'review', sendings: [{ usage: used(50) }] });
  await writeCall(store, keys.node(4).call('debug', 1), { purpose: 'debug', sendings: [{ usage: used(7) }] });
  await writeCall(store, callKeys(`${keys.superseded('3-1')}/calls/improve-1`), {
    purpose: 'improve',
    sendings: [{ usage: used(30) }],
  });
  await writeCall(store, keys.digest(20).call(1), { purpose: 'digest', sendings: [{ usage: used(400) }] });
  await writeCall(store, keys.story.call(1), { purpose: 'report', sendings: [{ usage: used(500) }] });
  const { byRole } = await readCallLedger(store, 'run');

  const prompts = Object.entries(byRole).map(([role, usage]) => [role, usage.calls, usage.promptTokens]);
  expect(prompts).toEqual([
    ['draft', 2, 300],
    ['improve', 1, 30],
    ['debug', 1, 7],
    ['review', 1, 50],
    ['digest', 1, 400],
    ['report', 1, 500],
  ]);
  expect(totalUsage({ byRole })).toMatchObject({ calls: 7, promptTokens: 1287, completionTokens: 70 });
  expect(totalUsage({ byRole }).costUsd).toBeCloseTo(0.07, 10);
});

test('an answer that could not be used is paid for all the same, a call without a price makes the cost unknown', async () => {
  await writeCall(store, keys.node(1).call('draft', 1), {
    purpose: 'draft',
    sendings: [
      { outcome: 'failed', usage: used(100) },
      { outcome: 'answered', usage: used(100, { costUsd: null }) },
    ],
  });
  const total = totalUsage(await readCallLedger(store, 'run'));

  expect(total).toMatchObject({ calls: 2, promptTokens: 200, costUsd: null });
});

test('sendings without an end are told with node, call and time', async () => {
  const open: Partial<AttemptFile> = { endedAt: null, outcome: null, usage: null, sentAt: SENT };
  await writeCall(store, keys.node(5).call('improve', 2), { purpose: 'improve', sendings: [open, { usage: used(9) }] });
  await writeCall(store, keys.digest(20).call(1), { purpose: 'digest', sendings: [open] });
  const { unended } = await readCallLedger(store, 'run');

  expect(unended).toEqual([
    { nodeId: 5, purpose: 'improve', model: 'large', sentAt: SENT },
    { nodeId: null, purpose: 'digest', model: 'large', sentAt: SENT },
  ]);
});

test('what coppice counted stands against what the servers did, of answered prompts alone', async () => {
  const call = (purpose: Purpose, estimatedTokens: number, sendings: Partial<AttemptFile>[]) =>
    writeCall(store, keys.node(1).call(purpose, 1), { purpose, estimatedTokens, sendings });
  await call('draft', 90, [{ usage: used(100) }]);
  await call('improve', 500, [{ outcome: 'failed', usage: null }]);
  await call('review', 40, [{ outcome: 'failed', usage: used(44) }, { usage: used(44) }]);
  await call('debug', 1000, [{ usage: used(0) }]);

  expect((await readCallLedger(store, 'run')).promptTokens).toEqual({ estimated: 130, reported: 144 });
});

test('what is no call is passed over, and a broken one is named', async () => {
  await store.write(`${keys.node(1).calls}/notes.txt`, 'mine');
  await store.write(`${keys.node(1).calls}/other-1/attempt-1.json`, '{}');
  expect(totalUsage(await readCallLedger(store, 'run'))).toEqual(NO_USAGE);

  await writeJson(store, keys.node(1).call('draft', 1).attempt(1), { sentAt: SENT });
  await expect(readCallLedger(store, 'run')).rejects.toThrow(/nodes\/1\/calls\/draft-1\/attempt-1\.json/);
});
