import assert from 'node:assert/strict';
import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { totalUsage } from '../../src/domain/call-ledger';
import { nodeRecordSchema } from '../../src/domain/node-record';
import type { NodeRecord } from '../../src/domain/node-record';
import { runFileSchema } from '../../src/domain/run-files';
import { decideGreedily } from '../../src/policy/greedy';
import { randomStream } from '../../src/policy/random-stream';
import { SearchTree } from '../../src/policy/search-tree';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import { createDirectoryStore } from '../../src/store/directory-store';
import { contentHash } from '../../src/store/content-hash';
import type { StoredRun } from '../helpers/coppice-process';
import type { Scene } from './scene';

/** What two runs with one slot and the same seed have in common. */
export function treeOf(run: StoredRun) {
  return run.nodes.map(({ id, operator, parent, status, reason, metric }) => ({
    id,
    operator,
    parent,
    status,
    reason,
    metric,
  }));
}

/**
 * Holds what must be true of every finished run whatever happened to it: every node recorded once and as it was
 * decided, all files fit each other, the best is the best, and nothing is left running or lying around.
 */
export async function expectWhole(scene: Scene, runId: string, run: StoredRun, steps: number): Promise<void> {
  const ids = Array.from({ length: steps }, (_, index) => index + 1);
  assert.deepEqual(
    run.nodes.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(
    run.nodes.map(({ completion }) => completion).sort((left, right) => left - right),
    ids,
  );
  await expectDecisionsOfPolicy(scene, runId, run);
  for (const node of run.nodes) await expectFilesOf(scene, runId, run, node);
  await expectJournal(scene, runId, run);
  await expectBest(scene, runId, run);
  const used = totalUsage(await readCallLedger(createDirectoryStore(scene.place.store), runId));
  assert.deepEqual([run.state?.state, run.state?.usage], ['finished', used]);
  assert.deepEqual(await scene.place.scripts(runId), []);
}

/** Every call was sent once, and at most once more for each kill at which it was open. */
export function expectBought(scene: Scene, runId: string, ...openAtKills: readonly (readonly string[])[]): void {
  const tooOften = Object.entries(scene.bought(runId)).flatMap(([call, times]) => {
    const lost = openAtKills.filter((open) => open.includes(call)).length;
    return times > 1 + lost ? [`${call} was sent ${times} times and lost at ${lost} kills`] : [];
  });
  assert.deepEqual(tooOften, []);
}

/** The recorded tree is what the pure policy makes of the recorded order of completions. */
async function expectDecisionsOfPolicy(scene: Scene, runId: string, run: StoredRun): Promise<void> {
  const { request, seed, task } = runFileSchema.parse(JSON.parse((await scene.place.read(`${runId}/run.json`)) ?? ''));
  const tree = new SearchTree(task.direction);
  const byCompletion = [...run.nodes].sort((left, right) => left.completion - right.completion);
  let completed = 0;
  for (const { id, operator, parent, decidedAfter } of run.nodes) {
    for (; completed < decidedAfter; completed += 1) {
      const node = byCompletion[completed];
      if (node === undefined) throw new Error(`node ${id} was decided after a completion that never came`);
      if (node.metric !== null) tree.complete(node.id, { status: 'working', metric: node.metric });
      else tree.complete(node.id, { status: 'failed', reason: node.reason ?? 'exception' });
    }
    if (operator === 'inject') {
      tree.dispatch(id, operator, parent);
      continue;
    }
    const decision = decideGreedily(tree, randomStream(seed, id), request.policy);
    assert.deepEqual({ id, ...decision }, { id, operator, parent });
    tree.dispatch(id, decision.operator, decision.parent);
  }
}

async function expectFilesOf(scene: Scene, runId: string, run: StoredRun, node: NodeRecord): Promise<void> {
  const code = await scene.place.read(`${runId}/nodes/${node.id}/solution.py`);
  const parent = run.nodes.find(({ id }) => id === node.parent);
  assert.deepEqual(
    { id: node.id, codeHash: node.codeHash, parentCodeHash: node.parentCodeHash },
    {
      id: node.id,
      codeHash: code === null ? null : contentHash(code),
      parentCodeHash: parent?.codeHash ?? null,
    },
  );
}

async function expectJournal(scene: Scene, runId: string, run: StoredRun): Promise<void> {
  const lines = ((await scene.place.read(`${runId}/journal.jsonl`)) ?? '').trim().split('\n');
  const journal = lines.map((line) => nodeRecordSchema.parse(JSON.parse(line)));
  assert.deepEqual(
    journal,
    [...run.nodes].sort((left, right) => left.completion - right.completion),
  );
}

async function expectBest(scene: Scene, runId: string, run: StoredRun): Promise<void> {
  const working = run.nodes.filter(({ metric }) => metric !== null);
  const [best] = working.sort((left, right) => (left.metric ?? 0) - (right.metric ?? 0) || left.id - right.id);
  if (best === undefined) return;
  assert.deepEqual(run.state?.best, { id: best.id, metric: best.metric });
  assert.equal(path.basename(await readlink(scene.place.file(`${runId}/best`))), String(best.id));
  const [published, own] = await Promise.all(
    ['best', `nodes/${best.id}`].map((name) => readFile(scene.place.file(`${runId}/${name}/solution.py`), 'utf8')),
  );
  assert.equal(published, own);
}
