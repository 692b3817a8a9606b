import path from 'node:path';
import { z } from 'zod';
import { OFFLINE } from '../domain/resolved-model';
import { endpointName, endpointOf, hasModelAccess, valueOf, type Environment } from '../llm/endpoint';
import { ModelProblem } from '../llm/models/model-problem';
import { readSettingsFile } from '../llm/models/settings-file';

/** An endpoint whose model calls a worker makes. */
export interface ModelEndpoint {
  readonly name: string;
  /** Most requests a minute over all workers; null: no limit. */
  readonly requestsPerMinute: number | null;
}

/** What a worker's environment says of the endpoints that it reaches. */
export interface ModelEndpoints {
  readonly reached: readonly ModelEndpoint[];
  /** Endpoints left out because the variable for their key is not set here. */
  readonly keyless: readonly { readonly name: string; readonly keyVariable: string }[];
  /** Every variable that is named as holding a key. */
  readonly keyVariables: readonly string[];
}

const OFFLINE_ENDPOINT: ModelEndpoint = { name: OFFLINE, requestsPerMinute: null };

const requestsPerMinuteSchema = z.coerce.number().positive('expected a number above 0');

const fileSchema = z.strictObject({
  endpoints: z.array(
    z.strictObject({
      baseUrl: z.string().refine((url) => endpointName(url) !== null, 'expected an http or https URL'),
      keyVariable: z.string().min(1).optional(),
      requestsPerMinute: z.number().positive().optional(),
    }),
  ),
});

/**
 * The endpoints that this worker's environment names: OPENAI_BASE_URL with COPPICE_REQUESTS_PER_MINUTE, and those of
 * the file that COPPICE_ENDPOINTS names. Of an endpoint named twice the file's entry counts.
 *
 * @throws ModelProblem when the file or a variable cannot be used
 */
export async function readModelEndpoints(environment: Environment): Promise<ModelEndpoints> {
  const file = valueOf(environment, 'COPPICE_ENDPOINTS');
  const { endpoints } =
    file === null ? { endpoints: [] } : await readSettingsFile(path.resolve(file), 'COPPICE_ENDPOINTS', fileSchema);
  const listed = endpoints.map(({ baseUrl, keyVariable, requestsPerMinute }) => ({
    name: endpointName(baseUrl) ?? '',
    keyVariable: keyVariable ?? null,
    requestsPerMinute: requestsPerMinute ?? null,
  }));
  const lacksKey = ({ keyVariable }: { readonly keyVariable: string | null }): boolean =>
    keyVariable !== null && valueOf(environment, keyVariable) === null;
  const own = hasModelAccess(environment) ? [ownEndpoint(environment)] : [];
  return {
    reached: withEndpoints([OFFLINE_ENDPOINT, ...listed.filter((endpoint) => !lacksKey(endpoint))], own),
    keyVariables: listed.flatMap(({ keyVariable }) => (keyVariable === null ? [] : [keyVariable])),
    keyless: listed.flatMap(({ name, keyVariable }) =>
      keyVariable !== null && lacksKey({ keyVariable }) ? [{ name, keyVariable }] : [],
    ),
  };
}

/** The endpoints with those of the others whose names are new. */
export function withEndpoints(
  endpoints: readonly ModelEndpoint[],
  others: readonly ModelEndpoint[],
): readonly ModelEndpoint[] {
  const byName = new Map<string, ModelEndpoint>();
  for (const endpoint of [...endpoints, ...others]) {
    if (!byName.has(endpoint.name)) byName.set(endpoint.name, endpoint);
  }
  return [...byName.values()].map(({ name, requestsPerMinute }) => ({ name, requestsPerMinute }));
}

function ownEndpoint(environment: Environment): ModelEndpoint {
  const limit = valueOf(environment, 'COPPICE_REQUESTS_PER_MINUTE');
  const parsed = requestsPerMinuteSchema.nullable().safeParse(limit);
  if (!parsed.success) {
    throw new ModelProblem('COPPICE_REQUESTS_PER_MINUTE is not a number above 0: give one such as 60');
  }
  return { name: nameOf(environment), requestsPerMinute: parsed.data };
}

function nameOf(environment: Environment): string {
  try {
    return endpointOf(environment);
  } catch (error) {
    throw new ModelProblem(error instanceof Error ? error.message : String(error));
  }
}
