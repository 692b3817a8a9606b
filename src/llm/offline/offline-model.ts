import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../domain/failure-type';
import { isBetter } from '../../domain/direction';
import type { Direction } from '../../domain/direction';
import type { Preview } from '../../domain/preview';
import { OFFLINE } from '../../domain/resolved-model';
import type { Task } from '../../domain/task';
import { NO_USAGE } from '../../domain/usage';
import { drawsFor } from './draws';
import type { ModelAnswer, ModelClient, ModelRequest } from '../model';
import type { Block } from './blocks/block';
import { ALL_BLOCKS, BlockList, blocksWith } from './blocks/block-list';
import type { TriedRecipe } from './changes';
import { nextChange } from './changes';
import { describeRecipe } from './describe-recipe';
import { draftRecipe } from './drafts';
import type { OfflineFacts } from './facts';
import type { Recipe } from './recipe';
import { readRecipe } from './recipe';
import { renderScript } from './render-script';
import { repair } from './repairs';
import { reviewScript } from './review';
import type { Table } from './table';
import { readTable } from './table';

interface Proposal {
  readonly title: string;
  readonly why: string;
  readonly recipe: Recipe;
}

/**
 * The model that works when none is named: it puts scripts for tables together from building blocks, by the facts of
 * the request alone, and calls nothing. The same facts give the same answer.
 *
 * @param blocks what scripts are made of
 */
export function createOfflineModel(blocks: readonly Block[] = ALL_BLOCKS): ModelClient {
  return {
    ask: ({ request, signal }) => {
      signal.throwIfAborted();
      return new Promise((resolve) => {
        resolve(answer(request, new BlockList(blocksWith(blocks, request.facts?.packages ?? []))));
      });
    },
  };
}

/** Why the offline model cannot work on a task, in one line that says what to do; null when it can. */
export function offlineRefusal(task: Task, preview: Preview): string | null {
  const result = readTable(task, preview);
  return result.ok ? null : result.refusal;
}

/** @throws ApplicationFailure of type ModelRequestRejected for what it cannot do */
function answer(request: ModelRequest, blocks: BlockList): ModelAnswer {
  const { facts, purpose } = request;
  if (purpose === 'digest' || purpose === 'report') {
    throw rejected(`The offline model works from facts and writes no ${purpose}; name a model for it.`);
  }
  if (facts === undefined) throw rejected('The request for the offline model holds no facts to work from.');
  const read = readTable(facts.task, facts.preview);
  if (purpose === 'review') return inWords(JSON.stringify(reviewScript(facts, read.ok ? read.table : null)));
  if (!read.ok) throw rejected(read.refusal);
  const proposal = propose(facts, read.table, blocks);
  const code = renderScript(proposal.recipe, read.table, blocks, describeRecipe(proposal.recipe, read.table, blocks));
  return inWords(`${proposal.title}\n\n${proposal.why}\n\n\`\`\`python\n${code}\`\`\`\n`);
}

function propose(facts: OfflineFacts, table: Table, blocks: BlockList): Proposal {
  const random = drawsFor(facts.seed, facts.nodeId);
  const tried = triedRecipes(facts);
  const recipes = tried.map(({ recipe }) => recipe);
  const { parent } = facts;
  if (facts.operator === 'draft' || parent === null) {
    const recipe = draftRecipe(facts.nodeId, recipes, table, blocks, random);
    const title = `Draft with ${blocks.family(recipe.model.family)?.title ?? recipe.model.family}`;
    return { title, why: describeRecipe(recipe, table, blocks), recipe };
  }
  const parentRecipe = readRecipe(parent.code);
  if (facts.operator === 'debug') {
    const found = repair(parent, parentRecipe, recipes, table, blocks);
    const origin = { change: found.name, parent: parent.id, position: 1 };
    return { title: found.title, why: found.why, recipe: { ...found.recipe, origin } };
  }
  // A person's script tells no recipe: what is known to work best is the nearest there is to it.
  const known = parentRecipe ?? bestRecipe(tried, facts.task.direction);
  const base = known ?? draftRecipe(1, [], table, blocks, random);
  const unseen = facts.tried.filter(
    (node) => node.status === 'in_flight' && node.code === null && node.parent === parent.id,
  ).length;
  const knowledge = { table, blocks, tried, direction: facts.task.direction };
  const change = nextChange({ id: parent.id, recipe: base }, unseen, knowledge, random);
  if (parentRecipe !== null) return change;
  const start = known === null ? 'a plain one' : 'the best one that can';
  const why = `The script of node ${parent.id} is of another hand and cannot be taken apart, so this changes ${start}.`;
  return { ...change, why: `${why} ${change.why}` };
}

function bestRecipe(tried: readonly TriedRecipe[], direction: Direction): Recipe | null {
  let best: { readonly recipe: Recipe; readonly metric: number } | null = null;
  for (const { recipe, metric } of tried) {
    if (metric !== null && (best === null || isBetter(metric, best.metric, direction))) best = { recipe, metric };
  }
  return best?.recipe ?? null;
}

/** What is known of other nodes, the parent among them, each once. */
function triedRecipes(facts: OfflineFacts): TriedRecipe[] {
  const known = new Map<number, TriedRecipe>();
  const note = (id: number, parent: number | null, metric: number | null, code: string | null): void => {
    const recipe = code === null ? null : readRecipe(code);
    if (recipe !== null) known.set(id, { id, parent, metric, recipe });
  };
  if (facts.parent !== null) note(facts.parent.id, null, facts.parent.metric, facts.parent.code);
  for (const node of facts.tried) note(node.id, node.parent, node.metric, node.code);
  return [...known.values()].sort((left, right) => left.id - right.id);
}

function rejected(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, FailureType.ModelRequestRejected);
}

function inWords(text: string): ModelAnswer {
  return {
    text,
    finishReason: 'stop',
    refusal: null,
    endpoint: OFFLINE,
    model: OFFLINE,
    usage: { ...NO_USAGE, calls: 1 },
    requestId: null,
    sentAt: new Date().toISOString(),
    firstPartMs: null,
    durationMs: 0,
  };
}
