import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { ForkFile } from '../domain/fork-file';
import { forkFileSchema } from '../domain/fork-file';
import type { NodeRecord } from '../domain/node-record';
import { stepFileSchema } from '../domain/node-record';
import { FILE_FORMAT } from '../domain/file-format';
import type { RunFile } from '../domain/run-files';
import { stateFileSchema } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import type { HintFile } from '../domain/steering';
import { NO_USAGE, addUsage } from '../domain/usage';
import { withDescendants } from '../domain/with-descendants';
import { bestRecord } from '../report/run-view';
import { noStepLeft, searchSteps, takenOver } from '../report/taken-over';
import type { ArtifactStore } from '../store/artifact-store';
import { copyTree } from '../store/copy-tree';
import { readJson, writeJson } from '../store/json-file';
import { listNodeIds } from '../store/node-ids';
import { runKeys, type RunKeys } from '../store/run-keys';
import type { StoredDigest } from '../store/stored-digests';
import { readDigests } from '../store/stored-digests';
import { readHints } from '../store/stored-hints';
import { publishBest } from './best-link';
import { rebuildJournal } from './journal';
import { cannot, copySurroundings, requireSource } from './source-run';

type Fork = NonNullable<RunSpec['fork']>;

/** What a fork takes of its source. */
interface Taken {
  readonly nodes: readonly NodeRecord[];
  readonly digests: readonly StoredDigest[];
  /** Hints in force, but for those for nodes that stay behind. */
  readonly hints: readonly HintFile[];
  readonly pruned: readonly number[];
}

/**
 * Gives a new run the tree of another one as it stood when `node` was recorded: the nodes recorded until then with
 * their calls, the digests written by then, the hints in force, what is pruned, and what the source works with. What came later, the final selection too,
 * stays behind. An attempt that was killed is gone on with.
 *
 * @returns the source's `run.json`
 * @throws ApplicationFailure `InvalidTask` when that cannot be taken over, `RunIdInUse` when the directory holds nodes
 * of something else
 */
export async function beginFork(store: ArtifactStore, runId: string, request: RunSpec, fork: Fork): Promise<RunFile> {
  const source = await requireSource(store, fork.run, request, 'fork');
  const last = source.records.find(({ id }) => id === fork.node);
  if (last === undefined) {
    throw cannot(
      `run "${fork.run}" has no recorded node ${fork.node}, so nothing can be forked there; ` +
        `\`coppice tree ${fork.run}\` shows its nodes`,
    );
  }
  const nodes = takenOver(source.records, fork.node);
  const isTaken = (id: number | null): boolean => id === null || nodes.some((node) => node.id === id);
  const state = await readJson(store, runKeys(fork.run).state, stateFileSchema);
  const taken: Taken = {
    nodes,
    digests: (await readDigests(store, fork.run)).filter(({ upTo }) => upTo <= last.completion),
    hints: (await readHints(store, fork.run)).filter((hint) => hint.withdrawnAt === null && isTaken(hint.node)),
    pruned: (state?.pruned ?? []).filter(isTaken),
  };
  const problem = noStepLeft(fork, searchSteps(taken.nodes), request.steps);
  if (problem !== null) throw cannot(problem);
  await claimDirectory(store, runId, forkFile(fork, taken));
  await copySurroundings(store, source.run, runId);
  await copyTaken(store, fork.run, runId, taken);
  const pruned = withDescendants(taken.pruned, taken.nodes);
  const best = bestRecord(
    taken.nodes.filter(({ id }) => !pruned.has(id)),
    source.run.task.direction,
  );
  if (best !== null) await publishBest(store, runId, best.id);
  await rebuildJournal(store, runId);
  return source.run;
}

function forkFile({ run, node }: Fork, { nodes, digests, pruned }: Taken): ForkFile {
  const usage = [...nodes, ...digests].reduce((sum, bought) => addUsage(sum, bought.usage), NO_USAGE);
  return { format: FILE_FORMAT, source: run, node, nodes: nodes.length, usage, pruned: [...pruned] };
}

/** Nothing but an earlier attempt at the same fork may lie there. */
async function claimDirectory(store: ArtifactStore, runId: string, file: ForkFile): Promise<void> {
  const keys = runKeys(runId);
  const begun = await readJson(store, keys.fork, forkFileSchema);
  if (begun === null && (await listNodeIds(store, runId)).length > 0) {
    throw ApplicationFailure.nonRetryable(
      `the store has nodes of a run "${runId}" that lost its ${keys.run}; fork under another run id`,
      FailureType.RunIdInUse,
    );
  }
  if (begun !== null && (begun.source !== file.source || begun.node !== file.node)) await store.remove(keys.directory);
  await writeJson(store, keys.fork, file);
}

async function copyTaken(store: ArtifactStore, sourceId: string, runId: string, taken: Taken): Promise<void> {
  const from = runKeys(sourceId);
  const to = runKeys(runId);
  for (const { id } of taken.nodes) {
    const { directory } = from.node(id);
    // Runs of the script that the source's final selection made.
    const isOwn = (key: string): boolean => !key.startsWith(`${directory}/variants/`);
    await copyTree(store, directory, to.node(id).directory, isOwn);
  }
  for (const node of taken.nodes) await copyInjected(store, from, to, node);
  for (const { number } of taken.hints) await store.copy(from.hint(number), to.hint(number));
  for (const { upTo } of taken.digests) await copyTree(store, from.digest(upTo).directory, to.digest(upTo).directory);
}

/** The script that a person brought, besides the node that it became: a later one must not take its number. */
async function copyInjected(
  store: ArtifactStore,
  from: RunKeys,
  to: RunKeys,
  { id, operator }: NodeRecord,
): Promise<void> {
  const step = operator === 'inject' ? await readJson(store, from.node(id).step, stepFileSchema) : null;
  const number = step?.identity.injection;
  if (number !== undefined) await store.copy(from.injected(number), to.injected(number));
}
