import { APIError } from 'openai';
import { z } from 'zod';

/** Codes are words of the provider's; anything else that stands in their place (a text, a key) is not repeated. */
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** As much of a server's words as is looked at: long ones repeat the prompt. */
const LONGEST_MESSAGE = 2000;

/** What a server said instead of an answer. */
export interface ServerError {
  /** Of the response, or the one that the error itself names; null when neither tells. */
  readonly status: number | null;
  readonly code: string | null;
  /** The parameter of the request that the server minds. */
  readonly param: string | null;
  /** The server's words, only to be searched: they may hold the prompt or a key. */
  readonly message: string;
  readonly headers: Headers | undefined;
  readonly requestId: string | null;
}

const textSchema = z.string().nullish().catch(null);
const codeSchema = z.union([z.string(), z.number()]).nullish().catch(null);

const errorSchema = z.object({
  message: textSchema,
  code: codeSchema,
  type: textSchema,
  status: codeSchema,
  param: textSchema,
  detail: z
    .union([z.string(), z.array(z.object({ loc: z.array(codeSchema).catch([]), msg: textSchema }))])
    .nullish()
    .catch(null),
  /** OpenRouter's: the words of the provider behind it. */
  metadata: z.object({ raw: textSchema }).nullish().catch(null),
});
type ErrorBody = z.infer<typeof errorSchema>;

const SILENT_ERROR: ErrorBody = errorSchema.parse({});

/** Statuses that errors without one stand for, by their code. */
const STATUS_OF_CODE: readonly (readonly [RegExp, number])[] = [
  [/rate_?limit|resource_exhausted|insufficient_quota|too_many_requests/i, 429],
  [/invalid_api_key|authentication|unauthenticated/i, 401],
  [/permission|forbidden/i, 403],
  [/context_length|invalid_request|invalid_prompt|invalid_argument|content_filter|BadRequest/i, 400],
  [/overloaded|unavailable/i, 503],
];

/** Null for an error that is not the server's own: the connection failed, or what came was no answer. */
export function readServerError(error: unknown): ServerError | null {
  if (!(error instanceof APIError)) return null;
  const ownStatus: unknown = error.status;
  const body = readBody(error.error);
  const headers: unknown = error.headers;
  // Errors of the connection are of the same class, and come with nothing of a server's.
  if (typeof ownStatus !== 'number' && error.error === undefined) return null;
  const words = [body.code, body.type, body.status];
  const code = words.find((word): word is string => typeof word === 'string' && CODE.test(word)) ?? null;
  return {
    status: typeof ownStatus === 'number' ? ownStatus : (numberedStatus([body.code, body.status]) ?? statusOf(code)),
    code,
    param: body.param ?? null,
    message: messageOf(body).slice(0, LONGEST_MESSAGE),
    headers: headers instanceof Headers ? headers : undefined,
    requestId: error.requestID ?? null,
  };
}

/**
 * Servers differ in where they put the error: `{error: {…}}`, `{error: "…"}`, the error itself, a list of one (Gemini),
 * `{detail: …}` (FastAPI), plain text.
 */
function readBody(value: unknown): ErrorBody {
  if (typeof value === 'string') return { ...SILENT_ERROR, message: value };
  if (Array.isArray(value)) return readBody(value[0]);
  if (typeof value === 'object' && value !== null && 'error' in value) return readBody(value.error);
  const parsed = errorSchema.safeParse(value);
  return parsed.success ? parsed.data : SILENT_ERROR;
}

function messageOf({ message, detail, metadata }: ErrorBody): string {
  const details =
    typeof detail === 'string' ? [detail] : (detail ?? []).map(({ loc, msg }) => `${loc.join('.')}: ${msg ?? ''}`);
  return [message, ...details, metadata?.raw].filter((text) => typeof text === 'string').join('\n');
}

function numberedStatus(words: readonly (string | number | null | undefined)[]): number | null {
  return words.map(Number).find((status) => Number.isInteger(status) && status >= 400 && status < 600) ?? null;
}

function statusOf(code: string | null): number | null {
  if (code === null) return null;
  return STATUS_OF_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}
