import { FILE_FORMAT } from '../domain/file-format';
import type { ProposalFile } from '../domain/node-record';
import { proposalFileSchema } from '../domain/node-record';
import { injectedFileSchema, type InjectedFile } from '../domain/steering';
import type { InjectInput, StoreInjectedInput } from '../domain/steering-steps';
import type { ProposeResult } from '../domain/steps';
import { NO_USAGE } from '../domain/usage';
import { loadRun } from '../llm/run-material';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { claimNode, parentCodeHash } from './claim-node';
import { replayProposal } from './replay-node';
import { titleOfScript } from './title-of-script';

interface InjectDependencies {
  readonly store: ArtifactStore;
}

/** Stores a script that a person brought, so that it is not lost before it is a node. */
export function createStoreInjected({ store }: InjectDependencies): (input: StoreInjectedInput) => Promise<void> {
  return async ({ runId, number, request: { code, title, parent } }) => {
    const file: InjectedFile = {
      format: FILE_FORMAT,
      number,
      title: title ?? titleOfScript(code),
      parent: parent ?? null,
      code,
      givenAt: new Date().toISOString(),
    };
    await writeJson(store, runKeys(runId).injected(number), file);
  };
}

/**
 * Makes a node of a script that a person brought: what a model's answer would have left there is written from the stored
 * script, in a replay from the source's node. Doing it again changes nothing.
 */
export function createInject({ store }: InjectDependencies): (input: InjectInput) => Promise<ProposeResult> {
  return async (input) => {
    const { runId, nodeId, parent, number } = input;
    const keys = runKeys(runId).node(nodeId);
    await claimNode(store, input, {
      operator: 'inject',
      parent,
      parentCodeHash: await parentCodeHash(store, runId, parent),
      hints: [],
      ...(number === null ? {} : { injection: number }),
    });
    const finished = await readJson(store, keys.proposal, proposalFileSchema);
    if (finished !== null) return toResult(finished);
    const proposal = number === null ? await fromSource(store, input) : await fromStored(store, input, number);
    await writeJson(store, keys.proposal, proposal);
    return toResult(proposal);
  };
}

async function fromSource(store: ArtifactStore, { runId, nodeId, parent }: InjectInput): Promise<ProposalFile> {
  return replayProposal(store, await loadRun(store, runId), { runId, nodeId, operator: 'inject', parent });
}

async function fromStored(store: ArtifactStore, { runId, nodeId }: InjectInput, number: number): Promise<ProposalFile> {
  const keys = runKeys(runId);
  const stored = await readJson(store, keys.injected(number), injectedFileSchema);
  if (stored === null) throw new StoreError(`${keys.injected(number)} is missing; inject the script once more`);
  await store.write(keys.node(nodeId).plan, `${stored.title}\n\nA script that a person brought into the run.\n`);
  await store.write(keys.node(nodeId).solution, stored.code);
  return { status: 'proposed', codeHash: contentHash(stored.code), usage: NO_USAGE };
}

function toResult(proposal: ProposalFile): ProposeResult {
  const { usage } = proposal;
  return proposal.status === 'proposed'
    ? { status: 'proposed', usage }
    : { status: 'failed', reason: proposal.reason, usage };
}
