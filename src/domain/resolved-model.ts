import { z } from 'zod';
import { priceSchema } from './price';
import { PURPOSES, forPurposes, type Purpose } from './purpose';

/** One model of a role as settled at the start of a run. */
export const resolvedModelSchema = z.object({
  /** `offline`, or the name of the endpoint that the model task queue is named after. */
  endpoint: z.string(),
  name: z.string(),
  /** Null: the OPENAI_BASE_URL of the worker that makes the call, else OpenAI's own. */
  baseUrl: z.string().nullable(),
  /** Environment variable of the worker that holds the key; null: none is sent. */
  keyVariable: z.string().nullable(),
  temperature: z.number().nullable(),
  maxTokens: z.int().nullable(),
  contextTokens: z.int().nullable(),
  reasoningEffort: z.string().nullable(),
  extraBody: z.record(z.string(), z.json()),
  timeoutSeconds: z.number(),
  silenceSeconds: z.number(),
  /** Null: not known, so that only tokens are counted. */
  price: priceSchema.nullable(),
});
export type ResolvedModel = z.infer<typeof resolvedModelSchema>;

const inOrder = z.array(resolvedModelSchema).min(1);

/** Which models do what, in order of preference; settled once at the start of a run. */
export const resolvedModelsSchema = z.object({
  draft: inOrder,
  improve: inOrder,
  debug: inOrder,
  review: inOrder,
  digest: inOrder,
  report: inOrder,
});
export type ResolvedModels = z.infer<typeof resolvedModelsSchema>;

/** Endpoints of the models of each role, in order of preference: what the workflow has to know of them. */
export type ModelRoutes = Readonly<Record<Purpose, readonly string[]>>;

export function modelRoutes(models: ResolvedModels): ModelRoutes {
  return forPurposes((role) => models[role].map(({ endpoint }) => endpoint));
}

/** Endpoint and name of the model that works when none is named. */
export const OFFLINE = 'offline';

/** No language model works in a run at all. */
export function isOffline(models: ResolvedModels): boolean {
  return PURPOSES.every((role) => models[role].every(({ endpoint }) => endpoint === OFFLINE));
}
