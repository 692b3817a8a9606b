import type { NodeRecord } from '../../../src/domain/node-record';
import { nodeRecordSchema } from '../../../src/domain/node-record';
import type { ArtifactStore } from '../../../src/store/artifact-store';
import { readJson, writeJson } from '../../../src/store/json-file';
import { runKeys } from '../../../src/store/run-keys';
import { resolvedModel, resolvedModels } from '../../helpers/resolved-models';
import type { FixtureNode } from '../../helpers/run-fixture';
import { writeRun } from '../../helpers/run-fixture';
import { HOLDOUT } from '../../report/graded-run';
import { madeUpNodes } from './made-up-run';

/** What the winner of the made-up run says of itself. */
const WINNER: Partial<FixtureNode> = {
  plan:
    'Predict the logarithm of the price\n\nThe residuals grow with the price, so its logarithm is fitted and the ' +
    'prediction taken back by the exponential, with the mean of the residuals’ exponentials as a correction.',
  code: 'import pandas as pd\n\ntrain = pd.read_csv("input/train.csv")\n',
  output: 'fold 1: rmse 631.004\nfold 2: rmse 643.274\nmetric: 637.139\n',
  summary: 'The logarithm helps with the dear stones most; the two folds agree within the noise of the search.',
  standardError: 8.213,
  reportedMetric: 631.5,
};

const DOUBT = { kind: 'fit_before_split', message: 'Line 14: the target by cut is fitted on all rows.' } as const;

/** Of the made-up run: the ones that the final selection compared. */
const CANDIDATES = [
  { id: 14, searchScore: 638.653, selectionScore: 644.21, standardError: 8.4, marks: [DOUBT] },
  { id: 12, searchScore: 637.139, selectionScore: 641.802, standardError: 8.213, marks: [] },
];

/** A finished run of 20 nodes, `diamonds-1`, and one of 1,000 that a person paused, `diamonds-2`. */
export async function writeShownRuns(store: ArtifactStore): Promise<void> {
  const models = resolvedModels(resolvedModel({ name: 'large', price: { input: 2, output: 8 } }));
  const small = madeUpNodes(22).filter(({ stage }) => stage === undefined);
  await writeRun(store, {
    runId: 'diamonds-1',
    nodes: small.map((node) => ({ ...node, isolation: 'bubblewrap' as const, ...(node.id === 12 ? WINNER : {}) })),
    run: { models },
    evaluation: HOLDOUT,
    selection: {
      winner: 12,
      searchScore: 637.139,
      selectionScore: 641.802,
      gap: 4.663,
      candidates: CANDIDATES,
      refit: { status: 'ok', message: '' },
      recordedNodes: small.length,
      selectedAt: '2026-01-02T03:05:00.000Z',
      used: [],
    },
    state: { ...spent(small.length), state: 'finished', stopReason: 'steps', elapsedSeconds: 760, pruned: [2] },
  });
  await writeJson(store, runKeys('diamonds-1').node(12).notes, {
    format: 1,
    scores: { public: 652.4 },
    text: 'sent on Friday, third of 41',
    updatedAt: '2026-01-02T04:00:00.000Z',
  });
  const large = madeUpNodes(1000);
  await writeRun(store, {
    runId: 'diamonds-2',
    nodes: large,
    spec: { steps: 1100, limits: { time: '6h', cost: 50 } },
    run: { models },
    evaluation: HOLDOUT,
    state: {
      ...spent(large.length),
      state: 'paused',
      pause: { reason: 'person', message: 'paused by a person' },
      elapsedSeconds: 12_000,
    },
  });
  for (const runId of ['diamonds-1', 'diamonds-2']) await priceNodes(store, runId);
}

/** What the state of a run with so many nodes says that they used. */
function spent(nodes: number) {
  return {
    usage: {
      calls: nodes * 2,
      promptTokens: nodes * 6000,
      completionTokens: nodes * 1500,
      cachedTokens: nodes * 2000,
      reasoningTokens: 0,
      costUsd: nodes * NODE_COST,
    },
  };
}

const NODE_COST = 0.025;

async function priceNodes(store: ArtifactStore, runId: string): Promise<void> {
  for (const id of (await store.list(runKeys(runId).nodes)).map(Number)) {
    const key = runKeys(runId).node(id).record;
    const record = await readJson(store, key, nodeRecordSchema);
    if (record === null) continue;
    const elapsedSeconds = id * (runId === 'diamonds-1' ? 38 : 12);
    const priced: NodeRecord = { ...record, elapsedSeconds, usage: { ...record.usage, costUsd: NODE_COST } };
    await writeJson(store, key, priced);
  }
}
