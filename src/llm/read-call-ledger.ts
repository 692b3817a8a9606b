import type { CallLedger } from '../domain/call-ledger';
import { forPurposes, purposeSchema, type Purpose } from '../domain/purpose';
import { NO_USAGE, addUsage } from '../domain/usage';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNumbers } from '../store/node-ids';
import { callKeys, runKeys } from '../store/run-keys';
import { readAttempts } from './call-attempts';
import { promptFileSchema } from './call-files';

/** Directories whose calls are read at once. */
const READS_AT_ONCE = 32;

const CALL_NAME = /^(\w+)-[1-9]\d*$/;

const estimateSchema = promptFileSchema.pick({ estimatedTokens: true });

/**
 * Adds up every call of a run: of its nodes, recorded or not, of what was superseded, of the digests and of the story.
 *
 * @throws StoreError when a file cannot be read or does not have the expected shape
 */
export async function readCallLedger(store: ArtifactStore, runId: string): Promise<CallLedger> {
  const ledgers = await mapBounded(await callDirectories(store, runId), READS_AT_ONCE, (place) =>
    readDirectory(store, place),
  );
  return ledgers.reduce(add, EMPTY);
}

const EMPTY: CallLedger = {
  byRole: forPurposes(() => NO_USAGE),
  unended: [],
  promptTokens: { estimated: 0, reported: 0 },
};

function add(left: CallLedger, right: CallLedger): CallLedger {
  return {
    byRole: forPurposes((role) => addUsage(left.byRole[role], right.byRole[role])),
    unended: right.unended.length === 0 ? left.unended : [...left.unended, ...right.unended],
    promptTokens: {
      estimated: left.promptTokens.estimated + right.promptTokens.estimated,
      reported: left.promptTokens.reported + right.promptTokens.reported,
    },
  };
}

interface CallDirectory {
  readonly nodeId: number | null;
  readonly key: string;
}

async function callDirectories(store: ArtifactStore, runId: string): Promise<CallDirectory[]> {
  const keys = runKeys(runId);
  const nodes = await listNumbers(store, keys.nodes);
  const digests = await listNumbers(store, keys.digests);
  const superseded = await store.list(keys.supersededDirectory);
  return [
    ...nodes.map((nodeId) => ({ nodeId, key: keys.node(nodeId).calls })),
    // What was moved away is named after its node.
    ...superseded.map((name) => ({
      nodeId: Number(/^[1-9]\d*/.exec(name)?.[0] ?? 0) || null,
      key: `${keys.superseded(name)}/calls`,
    })),
    ...digests.map((upTo) => ({ nodeId: null, key: `${keys.digest(upTo).directory}/calls` })),
    { nodeId: null, key: `${keys.story.directory}/calls` },
  ];
}

async function readDirectory(store: ArtifactStore, { nodeId, key }: CallDirectory): Promise<CallLedger> {
  let ledger = EMPTY;
  for (const name of await store.list(key)) {
    const purpose = purposeSchema.safeParse(CALL_NAME.exec(name)?.[1]);
    if (purpose.success) ledger = add(ledger, await readCall(store, `${key}/${name}`, purpose.data, nodeId));
  }
  return ledger;
}

async function readCall(
  store: ArtifactStore,
  directory: string,
  purpose: Purpose,
  nodeId: number | null,
): Promise<CallLedger> {
  const keys = callKeys(directory);
  const attempts = await readAttempts(store, keys);
  const usage = attempts.reduce((sum, attempt) => addUsage(sum, attempt.usage ?? NO_USAGE), NO_USAGE);
  const answered = attempts.flatMap(({ outcome, usage: used }) =>
    outcome === 'answered' && used !== null && used.promptTokens > 0 ? [used.promptTokens] : [],
  );
  const prompt = answered.length === 0 ? null : await readJson(store, keys.prompt, estimateSchema);
  return {
    byRole: { ...EMPTY.byRole, [purpose]: usage },
    unended: attempts.flatMap(({ endedAt, model, sentAt }) =>
      endedAt === null ? [{ nodeId, purpose, model, sentAt }] : [],
    ),
    promptTokens:
      prompt === null
        ? EMPTY.promptTokens
        : {
            estimated: answered.length * prompt.estimatedTokens,
            reported: answered.reduce((sum, tokens) => sum + tokens, 0),
          },
  };
}
