import { stateFileSchema, type RunFile } from '../domain/run-files';
import type { SummarizeInput } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { fittingMessages } from './fitting-request';
import type { ModelRequest } from './model';
import { loadBest, loadRemembered } from './node-material';
import { storyVariables } from './prompts/digest-variables';
import { loadTemplates } from './prompts/load-templates';
import { loadDigest, modelAt } from './run-material';

/**
 * Builds the call that tells the story of a finished search for its report.
 *
 * @param shrunk how often the context has to be made smaller; the request says how often it was
 * @throws StoreError when the store cannot be read, TemplateProblem when a template is wrong
 */
export async function composeStory(
  store: ArtifactStore,
  run: RunFile,
  { runId, digest, nodes, model }: SummarizeInput,
  shrunk: number,
): Promise<ModelRequest> {
  const target = modelAt(run, 'report', model);
  const state = await readJson(store, runKeys(runId).state, stateFileSchema);
  const material = {
    task: run.task,
    digest: await loadDigest(store, runId, digest),
    nodes: await loadRemembered(store, runId, nodes),
    best: await loadBest(store, runId, null),
    working: state?.nodes.working ?? 0,
    failed: state?.nodes.failed ?? 0,
    stopReason: state?.stopReason ?? null,
  };
  const templates = await loadTemplates(store, runId);
  const sized = fittingMessages(target, shrunk, (budget) =>
    templates.render('report', storyVariables(material, budget)),
  );
  return { model: target.name, runId, nodeId: 0, purpose: 'report', ask: 1, ...sized };
}
