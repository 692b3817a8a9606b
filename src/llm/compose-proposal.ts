import type { MemoryScope } from '../domain/memory-scope';
import { stepFileSchema } from '../domain/node-record';
import { OFFLINE } from '../domain/resolved-model';
import type { RunFile } from '../domain/run-files';
import type { ProposeInput } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { fittingMessages } from './fitting-request';
import type { ModelRequest } from './model';
import { loadParent, loadRemembered, parentFacts, triedFacts } from './node-material';
import type { OfflineFacts } from './offline/facts';
import { loadTemplates } from './prompts/load-templates';
import type { ParentMaterial, ProposalMaterial, RememberedNode } from './prompts/prompt-material';
import { proposalVariables } from './prompts/proposal-variables';
import { rememberedIds } from './remembered-ids';
import { loadDigest, loadRunMaterial, modelAt } from './run-material';

/**
 * Builds the first call of a draft, an improvement or a repair from what the store holds.
 *
 * @param shrunk how often the context has to be made smaller; the request says how often it was
 * @throws StoreError when the preview or the parent is not there, TemplateProblem when a template is wrong
 */
export async function composeProposal(
  store: ArtifactStore,
  run: RunFile,
  input: ProposeInput,
  shrunk: number,
): Promise<ModelRequest> {
  const { runId, nodeId, operator } = input;
  const target = modelAt(run, operator, input.model);
  const material = await loadMaterial(store, run, input);
  const templates = await loadTemplates(store, runId);
  const sized = fittingMessages(target, shrunk, (budget) =>
    templates.render(operator, proposalVariables(material, budget)),
  );
  const request = { model: target.name, runId, nodeId, purpose: operator, ask: 1, ...sized };
  return target.endpoint === OFFLINE ? { ...request, facts: await factsOf(store, run, input, material) } : request;
}

async function loadMaterial(store: ArtifactStore, run: RunFile, input: ProposeInput): Promise<ProposalMaterial> {
  const { runId, operator, stepsDone, stepsTotal, secondsLeft, moneyLeft, siblingsSoFar } = input;
  const { memory } = run.request;
  const scope = memory[operator];
  return {
    run: await loadRunMaterial(store, run),
    parent: await parentOf(store, input),
    digest: scope === 'none' ? '' : await loadDigest(store, runId, input.digest),
    memory: await loadMemory(store, input, scope),
    memoryTokens: memory.tokens,
    stepsDone,
    stepsTotal,
    secondsLeft,
    moneyLeft,
    siblingsSoFar,
    hints: await loadHints(store, input),
  };
}

/** Earlier nodes; of those that the owner of the search pruned the prompt says so. */
async function loadMemory(
  store: ArtifactStore,
  { runId, context, parent }: ProposeInput,
  scope: MemoryScope,
): Promise<RememberedNode[]> {
  const nodes = await loadRemembered(store, runId, rememberedIds(context, scope, parent));
  const pruned = new Set(context.pruned);
  return nodes.map((node) => (pruned.has(node.id) ? { ...node, pruned: true } : node));
}

/** As they were when the node was decided: its step keeps their texts. */
async function loadHints(store: ArtifactStore, { runId, nodeId }: ProposeInput): Promise<readonly string[]> {
  const step = await readJson(store, runKeys(runId).node(nodeId).step, stepFileSchema);
  return step?.identity.hints ?? [];
}

async function parentOf(
  store: ArtifactStore,
  { runId, operator, parent }: ProposeInput,
): Promise<ParentMaterial | null> {
  if (operator === 'draft') return null;
  if (parent === null) throw new StoreError(`a node to ${operator} needs a parent`);
  return loadParent(store, runId, parent);
}

async function factsOf(
  store: ArtifactStore,
  run: RunFile,
  input: ProposeInput,
  { run: { preview, packages }, parent }: ProposalMaterial,
): Promise<OfflineFacts> {
  const { runId, nodeId, operator, context } = input;
  const known = await loadRemembered(store, runId, rememberedIds(context, 'all', input.parent));
  const bestId = context.best[0];
  const metric = bestId === parent?.id ? parent?.metric : known.find(({ id }) => id === bestId)?.metric;
  const hasBest = bestId !== undefined && metric !== null && metric !== undefined;
  return {
    task: run.task,
    preview,
    packages: Object.keys(packages),
    seed: run.seed,
    nodeId,
    operator,
    parent: parent === null ? null : parentFacts(parent),
    tried: await triedFacts(store, runId, known),
    best: hasBest ? { id: bestId, metric } : null,
    execution: null,
  };
}
