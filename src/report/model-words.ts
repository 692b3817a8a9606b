import type { Price } from '../domain/price';
import { PURPOSES, type Purpose } from '../domain/purpose';
import type { ResolvedModel, ResolvedModels } from '../domain/resolved-model';
import { isOffline } from '../domain/resolved-model';
import type { StateFile } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import type { Usage } from '../domain/usage';
import { formatCount, formatDollars } from '../domain/format';

/** Which models do what: `large at api.openai.com; review, digest: small at api.openai.com, else tiny at localhost`. */
export function modelsInWords(models: ResolvedModels): string {
  if (isOffline(models)) return 'no language model: the offline model writes the scripts';
  const [main, ...others] = roleGroups(models);
  const rest = others.map(({ roles, inOrder }) => `${roles.join(', ')}: ${inOrder}`);
  return [main?.inOrder ?? '', ...rest].join('; ');
}

/** What the models of a run cost, each once; and of which no price is known. */
export function pricesInWords(models: ResolvedModels): string {
  const all = distinctModels(models);
  const known = all.flatMap(({ name, price }) => (price === null ? [] : [`${name} ${priceInWords(price)}`]));
  const unknown = unpricedModels(models);
  return [
    ...(known.length === 0 ? [] : [`${known.join('; ')} for a million tokens`]),
    ...(unknown.length === 0 ? [] : [noPriceInWords(unknown)]),
  ].join('; ');
}

/** Names of the models whose price is not known. */
export function unpricedModels(models: ResolvedModels): string[] {
  return distinctModels(models).flatMap(({ name, price }) => (price === null ? [name] : []));
}

export function noPriceInWords(names: readonly string[]): string {
  return `no price is known for ${names.join(', ')}, so that only tokens are counted (a file named by COPPICE_PRICES tells it)`;
}

/** What calls used: `9 calls, 12,000 prompt (1,000 cached) and 3,000 completion tokens, $0.75`. */
export function usageInWords({ calls, promptTokens, cachedTokens, completionTokens, costUsd }: Usage): string {
  const cached = cachedTokens === 0 ? '' : ` (${formatCount(cachedTokens)} cached)`;
  const cost = costUsd === null ? '' : `, ${formatDollars(costUsd)}`;
  const prompt = `${formatCount(promptTokens)} prompt${cached}`;
  return `${formatCount(calls)} ${calls === 1 ? 'call' : 'calls'}, ${prompt} and ${formatCount(completionTokens)} completion tokens${cost}`;
}

/** What all calls of a run may use; null when nothing bounds them. */
export function capInWords({ tokens, cost }: Pick<RunSpec['limits'], 'tokens' | 'cost'>): string | null {
  const caps = [
    ...(cost === undefined ? [] : [formatDollars(cost)]),
    ...(tokens === undefined ? [] : [`${formatCount(tokens)} tokens`]),
  ];
  return caps.length === 0 ? null : caps.join(' and ');
}

/** The caps of a request with what `extend` added to them. */
export function capsNow(
  { tokens, cost }: RunSpec['limits'],
  state: Pick<StateFile, 'extendedTokens' | 'extendedCostUsd'> | null,
): Pick<RunSpec['limits'], 'tokens' | 'cost'> {
  return {
    ...(tokens === undefined ? {} : { tokens: tokens + (state?.extendedTokens ?? 0) }),
    ...(cost === undefined ? {} : { cost: cost + (state?.extendedCostUsd ?? 0) }),
  };
}

function priceInWords({ input, cachedInput, output }: Price): string {
  const cached = cachedInput === undefined ? '' : `, ${rate(cachedInput)} cached`;
  return `${rate(input)} in${cached}, ${rate(output)} out`;
}

function rate(dollars: number): string {
  return `$${dollars}`;
}

interface RoleGroup {
  readonly roles: readonly Purpose[];
  /** Their models in order of preference. */
  readonly inOrder: string;
}

/** Roles with the same models together, those of the scripts first. */
function roleGroups(models: ResolvedModels): RoleGroup[] {
  const groups = new Map<string, Purpose[]>();
  for (const role of PURPOSES) {
    const inOrder = models[role].map(({ name, endpoint }) => `${name} at ${endpoint}`).join(', else ');
    groups.set(inOrder, [...(groups.get(inOrder) ?? []), role]);
  }
  return [...groups].map(([inOrder, roles]) => ({ roles, inOrder }));
}

function distinctModels(models: ResolvedModels): ResolvedModel[] {
  const byName = new Map(PURPOSES.flatMap((role) => models[role]).map((model) => [model.name, model]));
  return [...byName.values()];
}
