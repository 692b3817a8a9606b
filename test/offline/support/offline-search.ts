import { modelOperatorSchema } from '../../../src/domain/operator';
import path from 'node:path';
import { OFFLINE } from '../../../src/domain/resolved-model';
import type { Preview } from '../../../src/domain/preview';
import type { Task } from '../../../src/domain/task';
import type { OfflineFacts, ParentFacts, TriedFacts } from '../../../src/llm/offline/facts';
import { createOfflineModel } from '../../../src/llm/offline/offline-model';
import type { Operator } from '../../../src/domain/operator';
import type { Purpose } from '../../../src/domain/purpose';
import type { ModelClient } from '../../../src/llm/model';
import { decideGreedily } from '../../../src/policy/greedy';
import { randomStream } from '../../../src/policy/random-stream';
import { SearchTree } from '../../../src/policy/search-tree';
import { resolvedModel } from '../../helpers/resolved-models';
import { PACKAGES } from './facts';
import type { ScriptRun } from './run-script';
import { runScript } from './run-script';

export interface SearchedNode {
  readonly id: number;
  readonly parent: number | null;
  readonly operator: Operator;
  readonly title: string;
  readonly code: string;
  readonly run: ScriptRun;
  readonly seconds: number;
}

export interface Proposal {
  readonly plan: string;
  readonly code: string;
}

/** One answer of the offline model, taken apart. */
export async function askOffline(facts: OfflineFacts, model: ModelClient = createOfflineModel()): Promise<Proposal> {
  const text = await askForText(facts, modelOperatorSchema.parse(facts.operator), model);
  const [, plan, code] = /^([\s\S]*?)\n```python\n([\s\S]*?)```\n$/.exec(text) ?? [];
  if (plan === undefined || code === undefined) throw new Error(`no plan and code in: ${text.slice(0, 500)}`);
  return { plan, code };
}

export async function askForText(
  facts: OfflineFacts | undefined,
  purpose: Purpose,
  model: ModelClient = createOfflineModel(),
): Promise<string> {
  const bare = { model: OFFLINE, runId: 'run', nodeId: facts?.nodeId ?? 1, purpose, ask: 1, messages: [] };
  const request = { ...bare, estimatedTokens: 0, shrunk: 0, ...(facts === undefined ? {} : { facts }) };
  const target = resolvedModel({ endpoint: OFFLINE, name: OFFLINE });
  const answer = await model.ask({ request, target, signal: new AbortController().signal });
  return answer.text;
}

/** A greedy search with one slot, in this process, over real runs of the offline model's scripts. */
export async function searchOffline(problem: {
  readonly task: Task;
  readonly preview: Preview;
  readonly directory: string;
  readonly steps: number;
  readonly seed: number;
}): Promise<{ readonly nodes: readonly SearchedNode[]; readonly best: SearchedNode | null }> {
  const { task, preview, steps, seed } = problem;
  const policy = { name: 'greedy', numDrafts: 5, debugProbability: 0.5, maxDebugDepth: 3 } as const;
  const tree = new SearchTree(task.direction);
  const nodes: SearchedNode[] = [];
  for (let id = 1; id <= steps; id += 1) {
    const decision = decideGreedily(tree, randomStream(seed, id), policy);
    tree.dispatch(id, decision.operator, decision.parent);
    const { plan, code } = await askOffline({
      task,
      preview,
      packages: PACKAGES,
      seed,
      nodeId: id,
      operator: decision.operator,
      parent: decision.parent === null ? null : parentFacts(nodes, decision.parent),
      tried: nodes.map(triedFacts),
      best: tree.best,
      execution: null,
    });
    const started = Date.now();
    const run = await runScript(code, task.dataDirectory, path.join(problem.directory, `node-${id}`));
    const title = plan.split('\n')[0] ?? '';
    const seconds = (Date.now() - started) / 1000;
    nodes.push({ id, parent: decision.parent, operator: decision.operator, title, code, run, seconds });
    tree.complete(
      id,
      run.metric === null ? { status: 'failed', reason: 'exception' } : { status: 'working', metric: run.metric },
    );
  }
  return { nodes, best: nodes.find(({ id }) => id === tree.best?.id) ?? null };
}

function parentFacts(nodes: readonly SearchedNode[], id: number): ParentFacts {
  const node = nodes.find((candidate) => candidate.id === id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return {
    id,
    code: node.code,
    status: node.run.metric === null ? 'failed' : 'working',
    reason: node.run.metric === null ? 'exception' : null,
    message: node.run.metric === null ? `exit status ${String(node.run.exitCode)}` : '',
    metric: node.run.metric,
    outputTail: node.run.output.slice(-4000),
  };
}

function triedFacts(node: SearchedNode): TriedFacts {
  return {
    id: node.id,
    parent: node.parent,
    operator: node.operator,
    status: node.run.metric === null ? 'failed' : 'working',
    metric: node.run.metric,
    title: node.title,
    summary: '',
    code: node.code,
  };
}
