import type { ExecutionFile, StepIdentity } from '../domain/node-record';
import { stateFileSchema, type RunFile } from '../domain/run-files';
import type { ReviewInput } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { OFFLINE } from './endpoint';
import type { ModelRequest } from './model';
import { loadParent, parentFacts } from './node-material';
import type { OfflineFacts } from './offline/facts';
import { outputExcerpt } from './prompts/excerpt';
import { reviewPrompt } from './prompts/review-prompt';
import { loadEvaluation, loadPreview, readText } from './run-material';
import { verdictJsonSchema } from './verdict';

const FACTS_OUTPUT_LIMIT = 6000;

/** What a review looks at. */
export interface Reviewed {
  readonly identity: StepIdentity;
  readonly code: string;
  readonly execution: ExecutionFile;
  /** What the node came to: the grade of its output, else how its run ended. */
  readonly outcome: Pick<ExecutionFile, 'status' | 'reason' | 'message' | 'metric'>;
}

/**
 * Builds the first call of a review from what the store holds.
 *
 * @throws StoreError when a file it needs is not there
 */
export async function composeReview(
  store: ArtifactStore,
  run: RunFile,
  { runId, nodeId }: ReviewInput,
  { identity, code, execution, outcome }: Reviewed,
): Promise<ModelRequest> {
  const keys = runKeys(runId).node(nodeId);
  const output = await readText(store, keys.output);
  const plan = await readText(store, keys.plan);
  const { scriptSeconds } = execution;
  const { status, metric, reason, message } = outcome;
  const evaluation = await loadEvaluation(store, runId);
  const request = {
    model: run.models.review,
    runId,
    nodeId,
    purpose: 'review' as const,
    ask: 1,
    messages: reviewPrompt({
      run: { task: run.task, evaluation },
      plan,
      code,
      output,
      status,
      metric,
      reason,
      message,
      scriptSeconds,
    }),
    responseSchema: verdictJsonSchema(),
  };
  if (run.models.endpoint !== OFFLINE) return request;
  const outputTail = outputExcerpt(output, FACTS_OUTPUT_LIMIT);
  const facts: OfflineFacts = {
    task: run.task,
    preview: await loadPreview(store, runId),
    seed: run.seed,
    nodeId,
    operator: identity.operator,
    parent: identity.parent === null ? null : parentFacts(await loadParent(store, runId, identity.parent)),
    tried: [],
    best: await bestBefore(store, runId, nodeId),
    execution: { code, status, reason, message, metric, scriptSeconds, outputTail },
  };
  return { ...request, facts };
}

async function bestBefore(store: ArtifactStore, runId: string, nodeId: number): Promise<OfflineFacts['best']> {
  const state = await readJson(store, runKeys(runId).state, stateFileSchema);
  const best = state?.best ?? null;
  return best?.id === nodeId ? null : best;
}
