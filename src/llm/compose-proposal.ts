import type { RunFile } from '../domain/run-files';
import type { PromptContext, ProposeInput } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { StoreError } from '../store/store-error';
import { OFFLINE } from './endpoint';
import type { ChatMessage, ModelRequest } from './model';
import { loadParent, loadRemembered, parentFacts, triedFacts } from './node-material';
import { debugPrompt } from './prompts/debug-prompt';
import { draftPrompt } from './prompts/draft-prompt';
import { improvePrompt } from './prompts/improve-prompt';
import type { ParentMaterial, PromptMaterial, RememberedNode } from './prompts/prompt-material';
import { loadRunMaterial } from './run-material';

/**
 * Builds the first call of a draft, an improvement or a repair from what the store holds.
 *
 * @throws StoreError when the preview or the parent is not there
 */
export async function composeProposal(store: ArtifactStore, run: RunFile, input: ProposeInput): Promise<ModelRequest> {
  const { runId, nodeId, operator, stepsDone, stepsTotal, secondsLeft } = input;
  const parent = input.parent === null ? null : await loadParent(store, runId, input.parent);
  const memory = await loadRemembered(store, runId, byValue(input));
  const material = { run: await loadRunMaterial(store, run), memory, stepsDone, stepsTotal, secondsLeft };
  const request = {
    model: run.models[operator],
    runId,
    nodeId,
    purpose: operator,
    ask: 1,
    messages: promptFor(operator, material, parent),
  };
  if (run.models.endpoint !== OFFLINE) return request;
  return {
    ...request,
    facts: {
      task: run.task,
      preview: material.run.preview,
      seed: run.seed,
      nodeId,
      operator,
      parent: parent === null ? null : parentFacts(parent),
      tried: await triedFacts(store, runId, memory),
      best: bestOf(memory, parent, input.context),
      execution: null,
    },
  };
}

function promptFor(
  operator: ProposeInput['operator'],
  material: PromptMaterial,
  parent: ParentMaterial | null,
): ChatMessage[] {
  if (operator === 'draft') return draftPrompt(material);
  if (parent === null) throw new StoreError(`a node to ${operator} needs a parent`);
  return operator === 'improve' ? improvePrompt(material, parent) : debugPrompt(material, parent);
}

/**
 * The remembered nodes without the parent, the most valuable first: the kinds take turns, so that a prompt with room
 * for few still knows of siblings, of the best and of failures. A repair looks back along its own line first.
 */
function byValue({ context, operator, parent }: ProposeInput): number[] {
  const { ancestors, siblings, best, failed, recent } = context;
  const newestFirst = [siblings, failed, recent].map((ids) => [...ids].reverse());
  const [newSiblings = [], newFailed = [], newRecent = []] = newestFirst;
  const groups = operator === 'debug' ? [ancestors, newSiblings, best] : [newSiblings, best, newFailed, newRecent];
  const longest = Math.max(...groups.map((group) => group.length));
  const turns = Array.from({ length: longest }, (_, turn) => groups.flatMap((group) => group.slice(turn, turn + 1)));
  return [...new Set(turns.flat())].filter((id) => id !== parent);
}

function bestOf(
  memory: readonly RememberedNode[],
  parent: ParentMaterial | null,
  context: PromptContext,
): { id: number; metric: number } | null {
  const id = context.best[0];
  const metric = id === parent?.id ? parent?.metric : memory.find((node) => node.id === id)?.metric;
  return id === undefined || metric === null || metric === undefined ? null : { id, metric };
}
