import type { ResolvedModel } from '../../domain/resolved-model';
import type { ChatMessage, ModelRequest } from '../model';
import { FORMATS, TOKEN_LIMITS, type Feature } from './features';

export interface RequestBody {
  readonly body: Readonly<Record<string, unknown>>;
  /** What of the body can be left out, should the server refuse it. */
  readonly features: readonly Feature[];
}

interface BodyPart {
  readonly feature: Feature;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** Hosts that know the newer name of the token limit, and for some models only that. */
const NEWER_LIMIT_HOSTS = /(^|\.)(openai|azure)\.com$/;

/**
 * The body of a chat completion without what the server lacks. Keys of the target's `extraBody` win over ours and are
 * never left out: a person asked for them.
 */
export function requestBody(
  request: ModelRequest,
  target: ResolvedModel,
  hostname: string,
  lacks: ReadonlySet<Feature>,
): RequestBody {
  const parts = [
    formatPart(request, lacks),
    limitPart(request.maxTokens ?? target.maxTokens, hostname, lacks),
    valuePart('temperature', target.temperature),
    valuePart('reasoning_effort', target.reasoningEffort),
    { feature: 'stream', keys: { stream: true, stream_options: { include_usage: true } } } as const,
  ]
    .filter((part) => part !== null)
    .filter(({ feature, keys }) => !lacks.has(feature) && !Object.keys(keys).some((key) => key in target.extraBody));
  const hasSystem = request.messages.some(({ role }) => role === 'system');
  const keepsSystem = hasSystem && !lacks.has('system');
  const messages = hasSystem && !keepsSystem ? withoutSystem(request.messages) : request.messages;
  return {
    body: {
      model: target.name,
      messages: messages.map(({ role, content }) => ({ role, content })),
      ...Object.fromEntries(parts.flatMap(({ keys }) => Object.entries(keys))),
      ...target.extraBody,
    },
    features: [...parts.map(({ feature }) => feature), ...(keepsSystem ? (['system'] as const) : [])],
  };
}

function formatPart({ responseSchema }: ModelRequest, lacks: ReadonlySet<Feature>): BodyPart | null {
  const format = FORMATS.find((candidate) => !lacks.has(candidate));
  if (responseSchema === undefined || format === undefined) return null;
  const { name, schema } = responseSchema;
  switch (format) {
    case 'json_schema':
      return {
        feature: format,
        keys: { response_format: { type: 'json_schema', json_schema: { name, schema, strict: true } } },
      };
    case 'json_object':
      return { feature: format, keys: { response_format: { type: 'json_object', schema } } };
    case 'tools':
      return {
        feature: format,
        keys: {
          tools: [{ type: 'function', function: { name, description: 'Takes the answer.', parameters: schema } }],
          tool_choice: { type: 'function', function: { name } },
        },
      };
  }
}

function limitPart(limit: number | null, hostname: string, lacks: ReadonlySet<Feature>): BodyPart | null {
  const names = NEWER_LIMIT_HOSTS.test(hostname) ? TOKEN_LIMITS : TOKEN_LIMITS.toReversed();
  const name = names.find((candidate) => !lacks.has(candidate));
  return limit === null || name === undefined ? null : { feature: name, keys: { [name]: limit } };
}

function valuePart(feature: Feature, value: number | string | null): BodyPart | null {
  return value === null ? null : { feature, keys: { [feature]: value } };
}

/** What the system said, moved into the first message of the user. */
function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const said = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const others = messages.filter(({ role }) => role !== 'system');
  const first = others.findIndex(({ role }) => role === 'user');
  if (first === -1) return [{ role: 'user', content: said.join('\n\n') }, ...others];
  return others.map((message, index) =>
    index === first ? { ...message, content: [...said, message.content].join('\n\n') } : message,
  );
}
