import {
  isContextTooLong,
  isQuotaExhausted,
  isRefusedContent,
  isTokenLimitTooLarge,
  isUnknownModel,
} from './error-kinds';
import { FEATURES, TOKEN_LIMITS, isOneOf, sameKind, type Feature } from './features';
import type { ServerError } from './server-error';

/** A feature that a server's refusal is put down to. */
export interface Blame {
  readonly feature: Feature;
  /**
   * `named`: the server says so. `guessed`: it says nothing, and this is the likeliest. `value`: it knows the feature
   * but cannot do as much as was asked for this once.
   */
  readonly why: 'named' | 'guessed' | 'value';
}

export interface Circumstances {
  /** What the refused request made use of. */
  readonly sent: readonly Feature[];
  /** What the server has taken before: never blamed without a word. */
  readonly proven: ReadonlySet<Feature>;
  /** What was blamed in this call already. */
  readonly blamed: readonly Blame[];
  /** Whether the last call, too, ended with a server error without a reason. */
  readonly failedBefore: boolean;
}

/** By these a feature is known in the server's words. */
const NAMES: Readonly<Record<Feature, RegExp>> = {
  json_schema: /response_format|json.?schema|json_object|structured.?output|guided|grammar/i,
  json_object: /response_format|json.?schema|json_object|structured.?output|guided|grammar/i,
  tools: /\btools?\b|tool_choice|function.?call/i,
  reasoning_effort: /reasoning[_. ]?effort|\breasoning\b|\bthinking\b/i,
  stream: /\bstream(ing|_options)?\b|include_usage/i,
  temperature: /\btemperature\b/i,
  max_completion_tokens: /\bmax_completion_tokens\b/i,
  max_tokens: /\bmax_tokens\b/i,
  system:
    /\b(system|developer)[ _-]?(role|message|prompt|instruction)|['"`]system['"`]|messages\W+\d+\W+role|roles must alternate/i,
};

/** A server error mentions much; only with such a word does it mean that something is not known. */
const REFUSING_WORDS =
  /not support|unsupported|not (yet )?implemented|unknown|unrecogni[sz]ed|invalid|not (allowed|permitted|enabled|available)|extra|unexpected|literal_error|should be|must be/i;

/**
 * Which feature to leave out after a refusal; null when the refusal is not of that sort, or nothing is left to blame.
 *
 * A feature that the error names is blamed at once. Without a name the likeliest one that the server has never taken is
 * tried. A server error (500) without a name is mostly just that: at first it is only put down to a JSON schema, which
 * some servers answer so, and to the rest not before it has come twice in a row.
 */
export function blame(error: ServerError, circumstances: Circumstances): Blame | null {
  const { sent } = circumstances;
  if (!mayConcernFeatures(error)) return null;
  if (isTokenLimitTooLarge(error)) {
    const limit = sent.find((feature) => isOneOf(TOKEN_LIMITS, feature));
    return limit === undefined ? null : { feature: limit, why: 'value' };
  }
  const named = namedFeature(error, sent);
  if (named !== null) return { feature: named, why: 'named' };
  const guessed = guess(error, circumstances);
  return guessed === null ? null : { feature: guessed, why: 'guessed' };
}

/**
 * What is known to be lacking once a request without the blamed features was answered: those that were named, and of
 * the guesses the last one with those that it took the place of. The earlier guesses may have been innocent.
 */
export function lacksShown(blamed: readonly Blame[]): Feature[] {
  const named = blamed.filter(({ why }) => why === 'named').map(({ feature }) => feature);
  const guesses = blamed.filter(({ why }) => why === 'guessed').map(({ feature }) => feature);
  const last = guesses.at(-1);
  if (last === undefined) return named;
  const before = guesses.findLastIndex((feature) => !sameKind(feature, last));
  return [...named, ...guesses.slice(before + 1)];
}

/** What is left out of the next request. */
export function leftOutBy(blamed: readonly Blame[]): Feature[] {
  // The limit's other name would only bring the same refusal.
  return blamed.flatMap(({ feature, why }) =>
    why === 'value' ? FEATURES.filter((other) => sameKind(feature, other)) : feature,
  );
}

/** Whether a server may mean a feature of the request by its refusal. */
export function mayConcernFeatures(error: ServerError): boolean {
  if (isTokenLimitTooLarge(error)) return true;
  if (![400, 404, 422, 500, 501].includes(error.status ?? 0)) return false;
  return ![isContextTooLong, isRefusedContent, isQuotaExhausted, isUnknownModel].some((isKind) => isKind(error));
}

/** The feature that the error names first, of those that were sent. */
function namedFeature({ status, param, message }: ServerError, sent: readonly Feature[]): Feature | null {
  if (status === 500 && !REFUSING_WORDS.test(message)) return null;
  const words = `${param ?? ''} ${message}`;
  const found = sent
    .map((feature) => ({ feature, position: words.search(NAMES[feature]) }))
    .filter(({ position }) => position >= 0);
  return found.length === 0
    ? null
    : found.reduce((left, right) => (right.position < left.position ? right : left)).feature;
}

function guess({ status }: ServerError, { sent, proven, blamed, failedBefore }: Circumstances): Feature | null {
  const suspect = FEATURES.find((feature) => sent.includes(feature) && !proven.has(feature)) ?? null;
  if (status === 404) return null;
  if (status !== 500 || failedBefore) return suspect;
  return suspect === 'json_schema' && blamed.length === 0 ? suspect : null;
}
