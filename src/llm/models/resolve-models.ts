import { errorMessage } from '../../domain/error-message';
import { modelSettings, type ModelSetting, type RoleModels } from '../../domain/model-setting';
import { PURPOSES, forPurposes } from '../../domain/purpose';
import { OFFLINE, type ResolvedModel, type ResolvedModels } from '../../domain/resolved-model';
import type { RunSpec } from '../../domain/run-spec';
import { DEFAULT_KEY_VARIABLE, endpointName, endpointOf, hasModelAccess, valueOf, type Environment } from '../endpoint';
import { ModelProblem } from './model-problem';
import { priceOf, readPriceList, type PriceList } from './price-list';

export type ModelResolution =
  { readonly ok: true; readonly models: ResolvedModels } | { readonly ok: false; readonly message: string };

export interface ModelSurroundings {
  readonly environment: Environment;
  readonly prices: PriceList;
  /** The run's caps: one on cost wants a price for every model. */
  readonly limits: Pick<RunSpec['limits'], 'cost'>;
}

/** Longest a call may take unless the model's setting says otherwise. */
const CALL_TIMEOUT_SECONDS = 600;

/** Longest silence between two parts of an answer unless the model's setting says otherwise. */
const CALL_SILENCE_SECONDS = 300;

/**
 * Settles once, at the start of a run, which models do what. A role's own models in the spec win, then the spec's
 * default, then COPPICE_MODEL; only when none of them names a model does the offline model work. A role is never given
 * a model that was named for another one.
 */
export function resolveModels(models: RunSpec['models'], surroundings: ModelSurroundings): ModelResolution {
  try {
    return { ok: true, models: settle(models, surroundings) };
  } catch (error) {
    if (error instanceof ModelProblem) return { ok: false, message: error.message };
    throw error;
  }
}

/** `resolveModels` with the prices that this machine has. */
export async function settleModels(
  { models, limits }: Pick<RunSpec, 'models'> & Pick<ModelSurroundings, 'limits'>,
  environment: Environment,
): Promise<ModelResolution> {
  try {
    return resolveModels(models, { environment, prices: await readPriceList(environment), limits });
  } catch (error) {
    if (error instanceof ModelProblem) return { ok: false, message: error.message };
    throw error;
  }
}

/** The offline model for every role. */
export function offlineModels(): ResolvedModels {
  return forPurposes(() => [OFFLINE_MODEL]);
}

const OFFLINE_MODEL: ResolvedModel = {
  endpoint: OFFLINE,
  name: OFFLINE,
  baseUrl: null,
  keyVariable: DEFAULT_KEY_VARIABLE,
  temperature: null,
  maxTokens: null,
  contextTokens: null,
  reasoningEffort: null,
  extraBody: {},
  timeoutSeconds: CALL_TIMEOUT_SECONDS,
  silenceSeconds: CALL_SILENCE_SECONDS,
  price: { input: 0, output: 0 },
};

function settle(models: RunSpec['models'], surroundings: ModelSurroundings): ResolvedModels {
  const fallback: RoleModels | null = models.default ?? valueOf(surroundings.environment, 'COPPICE_MODEL');
  const wanted = forPurposes((role) => settingsOf(models[role] ?? fallback));
  const named = PURPOSES.flatMap((role) => wanted[role]);
  if (named.every(({ name }) => name === OFFLINE)) return offlineModels();

  const unnamed = PURPOSES.filter((role) => wanted[role].length === 0);
  if (unnamed.length > 0) {
    throw new ModelProblem(
      `no model is named for ${unnamed.join(', ')}: name one for all roles with --model or COPPICE_MODEL`,
    );
  }
  if (named.some(({ name }) => name === OFFLINE)) {
    throw new ModelProblem('the offline model works only alone: name it for every role or for none');
  }
  requireAccess(named, surroundings.environment);
  const resolved = forPurposes((role) => wanted[role].map((setting) => resolve(setting, surroundings)));
  if (surroundings.limits.cost !== undefined) requirePrices(resolved);
  return resolved;
}

function settingsOf(models: RoleModels | null): ModelSetting[] {
  return models === null ? [] : modelSettings(models);
}

/** Models with a base URL or a key variable of their own are reached by the workers that have them. */
function requireAccess(named: readonly ModelSetting[], environment: Environment): void {
  const plain = named.find(({ baseUrl, keyVariable }) => baseUrl === undefined && keyVariable === undefined);
  if (plain === undefined || hasModelAccess(environment)) return;
  throw new ModelProblem(
    `model "${plain.name}" is named but there is no way to reach it: set OPENAI_API_KEY (and OPENAI_BASE_URL for ` +
      'a server other than api.openai.com), or name no model to use the offline one',
  );
}

function requirePrices(models: ResolvedModels): void {
  const unpriced = PURPOSES.flatMap((role) => models[role]).find(({ price }) => price === null);
  if (unpriced === undefined) return;
  throw new ModelProblem(
    `a cap on cost needs a price for every model, and none is known for "${unpriced.name}": give it in a file named ` +
      'by COPPICE_PRICES, or cap the tokens instead (--max-tokens)',
  );
}

function resolve(setting: ModelSetting, { environment, prices }: ModelSurroundings): ResolvedModel {
  return {
    endpoint: endpointFor(setting, environment),
    name: setting.name,
    baseUrl: setting.baseUrl ?? null,
    keyVariable: setting.keyVariable ?? defaultKeyVariable(setting, environment),
    temperature: setting.temperature ?? null,
    maxTokens: setting.maxTokens ?? null,
    contextTokens: setting.contextTokens ?? null,
    reasoningEffort: setting.reasoningEffort ?? null,
    extraBody: setting.extraBody ?? {},
    timeoutSeconds: setting.timeout ?? CALL_TIMEOUT_SECONDS,
    silenceSeconds: setting.silence ?? CALL_SILENCE_SECONDS,
    price: priceOf(prices, setting.name),
  };
}

/** The usual key goes to the server that it belongs to and to no other. */
function defaultKeyVariable({ baseUrl }: ModelSetting, environment: Environment): string | null {
  const isOwn = baseUrl === undefined || endpointName(baseUrl) === ownEndpoint(environment);
  return isOwn ? DEFAULT_KEY_VARIABLE : null;
}

function endpointFor({ name, baseUrl }: ModelSetting, environment: Environment): string {
  if (baseUrl === undefined) return ownEndpoint(environment);
  const endpoint = endpointName(baseUrl);
  if (endpoint === null) throw new ModelProblem(`the base URL of model "${name}" is not an http or https URL`);
  return endpoint;
}

function ownEndpoint(environment: Environment): string {
  try {
    return endpointOf(environment);
  } catch (error) {
    throw new ModelProblem(errorMessage(error));
  }
}
