import type { RunFile } from '../domain/run-files';
import type { DigestInput } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { fittingMessages } from './fitting-request';
import type { ModelRequest } from './model';
import { loadBest, loadRemembered } from './node-material';
import { digestVariables } from './prompts/digest-variables';
import { loadTemplates } from './prompts/load-templates';
import { loadDigest, modelAt } from './run-material';

/**
 * Builds the call that renews the digest: the notes so far and the lessons of the nodes since then.
 *
 * @param shrunk how often the context has to be made smaller; the request says how often it was
 * @throws StoreError when the store cannot be read, TemplateProblem when a template is wrong
 */
export async function composeDigest(
  store: ArtifactStore,
  run: RunFile,
  { runId, upTo, previous, nodes, model }: DigestInput,
  shrunk: number,
): Promise<ModelRequest> {
  const target = modelAt(run, 'digest', model);
  const material = {
    task: run.task,
    digest: await loadDigest(store, runId, previous),
    nodes: await loadRemembered(store, runId, nodes),
    best: await loadBest(store, runId, null),
  };
  const templates = await loadTemplates(store, runId);
  const sized = fittingMessages(target, shrunk, (budget) =>
    templates.render('digest', digestVariables(material, budget)),
  );
  return { model: target.name, runId, nodeId: upTo, purpose: 'digest', ask: 1, ...sized };
}
