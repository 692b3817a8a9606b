import { z } from 'zod';
import { durationSchema } from './duration';

const modelNameSchema = z.string().min(1).max(200);

/** A key's own value must never stand in a spec, so only what looks like a variable for keys is taken. */
const KEY_VARIABLE = /^[A-Z][A-Z0-9_]*(KEY|TOKEN|SECRET)[A-Z0-9_]*$/;

function isPlainBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** A model with everything a person may say of it; all but the name is optional. */
export const modelSettingSchema = z.strictObject({
  name: modelNameSchema,
  /** Default: the worker's OPENAI_BASE_URL, else OpenAI's own. */
  baseUrl: z.string().refine(isPlainBaseUrl, 'expected an http or https URL without user and password').optional(),
  /**
   * Environment variable of the worker that holds the key. Default: OPENAI_API_KEY, but none with a base URL of another
   * server than OPENAI_BASE_URL's, so that no key reaches a server that it was not meant for.
   */
  keyVariable: z
    .string()
    .regex(KEY_VARIABLE, 'expected the name of an environment variable, such as OPENROUTER_API_KEY')
    .optional(),
  temperature: z.number().min(0).max(2).optional(),
  /** Most tokens of an answer. */
  maxTokens: z.int().min(1).optional(),
  /** Most tokens of prompt and answer together. */
  contextTokens: z.int().min(1000).optional(),
  reasoningEffort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
  /** Further keys of the request, for what only one provider knows. */
  extraBody: z.record(z.string(), z.json()).optional(),
  /** Longest a call may take, in seconds once parsed. */
  timeout: durationSchema.optional(),
  /** Longest silence between two parts of an answer, in seconds once parsed. */
  silence: durationSchema.optional(),
});
export type ModelSetting = z.output<typeof modelSettingSchema>;

const oneModelSchema = z.union(
  [modelNameSchema, modelSettingSchema],
  'expected the name of a model or {name: …} with more about it',
);

/** The models of a role: one, or several in order, of which a later one answers while the earlier ones are down. */
export const roleModelsSchema = z.union(
  [oneModelSchema, z.array(oneModelSchema).min(1).max(5)],
  'expected the name of a model, {name: …} with more about it, or a list of at most 5 of them',
);
export type RoleModels = z.output<typeof roleModelsSchema>;

/** The models of a role in order of preference, each in full. */
export function modelSettings(models: RoleModels): ModelSetting[] {
  const list = Array.isArray(models) ? models : [models];
  return list.map((model) => (typeof model === 'string' ? { name: model } : model));
}
