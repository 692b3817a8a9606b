import { ApplicationFailure } from '@temporalio/common';
import { errorMessage } from '../domain/error-message';
import { FailureType } from '../domain/failure-type';
import type { CheckModelsInput, CheckModelsResult } from '../domain/steps';
import { PURPOSES, forPurposes } from '../domain/purpose';
import type { ResolvedModel, ResolvedModels } from '../domain/resolved-model';
import { OFFLINE, modelRoutes } from '../domain/resolved-model';
import type { Environment } from '../llm/endpoint';
import { endpointOf } from '../llm/endpoint';
import type { ArtifactStore } from '../store/artifact-store';
import { writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { readRun } from '../store/read-run';

export interface CheckModelsDependencies {
  readonly store: ArtifactStore;
  readonly environment: Environment;
}

/**
 * Looks anew at how this worker reaches the run's models, since a person may have mended the address meanwhile. The
 * models themselves stay what they are: none that the run does not name ever steps in.
 */
export function createCheckModels({
  store,
  environment,
}: CheckModelsDependencies): (input: CheckModelsInput) => Promise<CheckModelsResult> {
  return async ({ runId }) => {
    const key = runKeys(runId).run;
    const run = await readRun(store, runId);
    if (run === null) throw new StoreError(`${key} is missing`);
    const models = reachedFrom(environment, run.models);
    const isOther = PURPOSES.some((role) =>
      models[role].some(({ endpoint }, index) => endpoint !== run.models[role][index]?.endpoint),
    );
    if (isOther) await writeJson(store, key, { ...run, models });
    return { modelRoutes: modelRoutes(models) };
  };
}

function reachedFrom(environment: Environment, models: ResolvedModels): ResolvedModels {
  const reached = (model: ResolvedModel): ResolvedModel =>
    model.endpoint === OFFLINE || model.baseUrl !== null ? model : { ...model, endpoint: currentEndpoint(environment) };
  return forPurposes((role) => models[role].map(reached));
}

function currentEndpoint(environment: Environment): string {
  try {
    return endpointOf(environment);
  } catch (error) {
    const message = errorMessage(error);
    throw ApplicationFailure.nonRetryable(message, FailureType.ModelUnreachable);
  }
}
