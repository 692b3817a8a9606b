import type { Doing, FrameModel } from '../../../src/cli/live-view/frame-model';
import type { RunSpecInput } from '../../../src/domain/run-spec';
import { loadRunView } from '../../../src/report/run-view';
import { createMemoryStore } from '../../helpers/memory-store';
import { resolvedModel, resolvedModels } from '../../helpers/resolved-models';
import type { FixtureNode } from '../../helpers/run-fixture';
import { writeRun } from '../../helpers/run-fixture';

const IDEAS = [
  'Predict the logarithm of the price',
  'Boosted trees on all columns, cut and colour as ordered numbers',
  'Ratios of the three sides, and the volume',
  'Mean of two models with unlike features',
  'Early stopping on a fifth of the rows',
  'Rare classes together, missing values as a class of their own',
] as const;

const REASONS = ['exception', 'timeout', 'bad_submission'] as const;

/** A made-up search: five drafts, then mostly improvements of good nodes; the last two nodes are in flight. */
export function madeUpNodes(count: number): FixtureNode[] {
  const draw = generator(17);
  const nodes: FixtureNode[] = [];
  for (let id = 1; id <= count; id += 1) {
    const working = nodes.filter(({ metric }) => metric !== undefined);
    const good = [...working].sort((one, other) => (one.metric ?? 0) - (other.metric ?? 0)).slice(0, 8);
    const parent = id <= 5 ? undefined : (good[Math.floor(draw() * good.length)] ?? nodes[0]);
    const origin = parent === undefined ? {} : { parent: parent.id, operator: 'improve' as const };
    const title = IDEAS[Math.floor(draw() * IDEAS.length)] ?? IDEAS[0];
    if (id > count - 2 && count > 3) {
      nodes.push({ id, ...origin, stage: id === count ? 'writing' : 'executing' });
    } else if (draw() < 0.2) {
      nodes.push({ id, ...origin, title, reason: REASONS[Math.floor(draw() * REASONS.length)] ?? 'exception' });
    } else {
      const from = parent?.metric ?? 640 + draw() * 80;
      nodes.push({ id, ...origin, title, metric: Number((from * (0.985 + draw() * 0.03)).toFixed(3)) });
    }
  }
  return nodes;
}

/** A frame's model of a made-up run with that many nodes. */
export async function madeUpModel(count: number, more: Partial<FrameModel> = {}): Promise<FrameModel> {
  return modelOf(
    madeUpNodes(count),
    { steps: Math.max(20, count + count / 10), limits: { time: '6h', cost: 5 } },
    more,
  );
}

/** A frame's model of a run with these nodes. */
export async function modelOf(
  nodes: readonly FixtureNode[],
  spec: Partial<RunSpecInput>,
  more: Partial<FrameModel> = {},
): Promise<FrameModel> {
  const store = createMemoryStore();
  await writeRun(store, {
    runId: 'diamonds-1',
    nodes,
    spec,
    run: { models: resolvedModels(resolvedModel({ name: 'large' })) },
    state: {
      usage: { ...USAGE, calls: nodes.length * 2 },
      elapsedSeconds: nodes.length * 12,
      updatedAt: at(nodes.length),
    },
  });
  const view = await loadRunView(store, 'diamonds-1');
  if (view === null) throw new Error('the made-up run was not written');
  return {
    view,
    state: 'running',
    phase: null,
    doings: nodes.flatMap((node) => doingOf(node, nodes.length)),
    notices: [],
    now: Date.parse(at(nodes.length)) + 3000,
    ...more,
  };
}

const USAGE = {
  promptTokens: 120_000,
  completionTokens: 30_000,
  cachedTokens: 40_000,
  reasoningTokens: 0,
  costUsd: 1.25,
} as const;

function doingOf({ id, stage }: FixtureNode, count: number): Doing[] {
  if (stage === undefined) return [];
  const since = Date.parse(at(id - count)) + count * 5000;
  if (stage === 'writing') return [{ node: id, words: 'asks the model', since, line: '' }];
  return [{ node: id, words: 'runs the script', since: since - 710_000, line: 'fold 3 of 5: rmse 548.21, 112 s' }];
}

/** The fixture's nodes begin five seconds apart. */
function at(id: number): string {
  return new Date(Date.parse('2026-01-02T03:04:05Z') + id * 5000).toISOString();
}

/** Park and Miller's minimal standard generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
