import { ApplicationFailure } from '@temporalio/common';
import type { ResolvedModel } from '../../src/domain/resolved-model';
import type { ModelAnswer, ModelClient, ModelRequest } from '../../src/llm/model';
import { resolvedModel } from '../helpers/resolved-models';

export const DRAFT: ModelRequest = {
  model: 'some-model',
  runId: 'run-1',
  nodeId: 3,
  purpose: 'draft',
  ask: 1,
  messages: [
    { role: 'system', content: 'You write scripts.' },
    { role: 'user', content: 'Write one.' },
  ],
  estimatedTokens: 12,
  shrunk: 0,
};

export const SCHEMA = { type: 'object', properties: { is_bug: { type: 'boolean' } }, required: ['is_bug'] };
export const REVIEW: ModelRequest = { ...DRAFT, purpose: 'review', responseSchema: { name: 'review', schema: SCHEMA } };

export function targetAt(baseUrl: string | null, changes: Partial<ResolvedModel> = {}): ResolvedModel {
  const limits = { timeoutSeconds: 60, silenceSeconds: 30 };
  return resolvedModel({ endpoint: 'some-endpoint', name: 'some-model', baseUrl, ...limits, ...changes });
}

export function ask(
  model: ModelClient,
  target: ResolvedModel,
  request: ModelRequest = DRAFT,
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelAnswer> {
  return model.ask({ request, target, signal });
}

/** The failure with which a call ends. */
export async function failureOf(call: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`no application failure but ${String(error)}`);
}
