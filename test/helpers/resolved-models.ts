import { forPurposes, type Purpose } from '../../src/domain/purpose';
import type { ResolvedModel, ResolvedModels } from '../../src/domain/resolved-model';

/** A model as the start of a run settles it; `large` at `endpoint` unless told otherwise. */
export function resolvedModel(fields: Partial<ResolvedModel> = {}): ResolvedModel {
  return {
    endpoint: 'endpoint',
    name: 'large',
    baseUrl: null,
    keyVariable: 'OPENAI_API_KEY',
    temperature: null,
    maxTokens: null,
    contextTokens: null,
    reasoningEffort: null,
    extraBody: {},
    timeoutSeconds: 600,
    silenceSeconds: 300,
    price: null,
    ...fields,
  };
}

/** The same model for every role but those that are given others. */
export function resolvedModels(
  model: ResolvedModel,
  others: Partial<Record<Purpose, readonly ResolvedModel[]>> = {},
): ResolvedModels {
  return forPurposes((role) => [...(others[role] ?? [model])]);
}
