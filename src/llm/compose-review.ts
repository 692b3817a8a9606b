import type { ExecutionFile, StepIdentity } from '../domain/node-record';
import { OFFLINE } from '../domain/resolved-model';
import type { RunFile } from '../domain/run-files';
import type { ReviewInput } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { runKeys } from '../store/run-keys';
import { fittingMessages } from './fitting-request';
import type { ModelRequest } from './model';
import { FACTS_OUTPUT_LIMIT, loadBest, loadOrigin, loadParent, loadRemembered, parentFacts } from './node-material';
import type { OfflineFacts } from './offline/facts';
import { loadTemplates } from './prompts/load-templates';
import { outputExcerpt } from './prompts/output-excerpt';
import type { ReviewMaterial } from './prompts/prompt-material';
import { reviewVariables } from './prompts/review-variables';
import { loadEvaluation, loadPreview, modelAt, readText } from './run-material';
import { verdictJsonSchema } from './verdict';

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
 * @param shrunk how often the context has to be made smaller; the request says how often it was
 * @throws StoreError when a file it needs is not there, TemplateProblem when a template is wrong
 */
export async function composeReview(
  store: ArtifactStore,
  run: RunFile,
  { runId, nodeId, model }: ReviewInput,
  reviewed: Reviewed,
  shrunk: number,
): Promise<ModelRequest> {
  const target = modelAt(run, 'review', model);
  const material = await loadMaterial(store, run, nodeId, reviewed);
  const templates = await loadTemplates(store, runId);
  const sized = fittingMessages(target, shrunk, (budget) =>
    templates.render('review', reviewVariables(material, budget)),
  );
  const request = {
    model: target.name,
    runId,
    nodeId,
    purpose: 'review' as const,
    ask: 1,
    ...sized,
    responseSchema: verdictJsonSchema(),
  };
  if (target.endpoint !== OFFLINE) return request;
  return { ...request, facts: await factsOf(store, run, nodeId, reviewed, material) };
}

async function loadMaterial(
  store: ArtifactStore,
  run: RunFile,
  nodeId: number,
  { identity, code, execution, outcome }: Reviewed,
): Promise<ReviewMaterial> {
  const { runId, task } = run;
  const keys = runKeys(runId).node(nodeId);
  const { status, metric, reason, message } = outcome;
  const { parent: parentId } = identity;
  const [parent] = parentId === null ? [] : await loadRemembered(store, runId, [parentId]);
  return {
    task,
    evaluation: await loadEvaluation(store, runId),
    plan: await readText(store, keys.plan),
    code,
    output: await readText(store, keys.output),
    status,
    metric,
    reason,
    message,
    scriptSeconds: execution.scriptSeconds,
    parent: parent ?? null,
    origin: await loadOrigin(store, runId, parentId),
    best: await loadBest(store, runId, nodeId),
  };
}

async function factsOf(
  store: ArtifactStore,
  run: RunFile,
  nodeId: number,
  { identity, code }: Reviewed,
  material: ReviewMaterial,
): Promise<OfflineFacts> {
  const { status, reason, message, metric, scriptSeconds, output, best } = material;
  const outputTail = outputExcerpt(output, FACTS_OUTPUT_LIMIT);
  return {
    task: run.task,
    preview: await loadPreview(store, run.runId),
    packages: [],
    seed: run.seed,
    nodeId,
    operator: identity.operator,
    parent: identity.parent === null ? null : parentFacts(await loadParent(store, run.runId, identity.parent)),
    tried: [],
    best: best?.metric == null ? null : { id: best.id, metric: best.metric },
    execution: { code, status, reason, message, metric, scriptSeconds, outputTail },
  };
}
