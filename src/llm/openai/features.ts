/**
 * What a request makes use of and a server may not know. In the order in which a refusal that names nothing is blamed
 * on them: the likeliest first.
 *
 * `stream` includes `stream_options`: a stream that cannot be asked for its usage would leave tokens uncounted, so both
 * are left out together.
 */
export const FEATURES = [
  'json_schema',
  'json_object',
  'tools',
  'reasoning_effort',
  'stream',
  'temperature',
  'max_completion_tokens',
  'max_tokens',
  'system',
] as const;
export type Feature = (typeof FEATURES)[number];

/** The ways to ask for JSON of one shape, the best first; after the last it is asked for in words alone. */
export const FORMATS = ['json_schema', 'json_object', 'tools'] as const satisfies readonly Feature[];

/** The names that the limit of an answer's tokens goes by. */
export const TOKEN_LIMITS = ['max_completion_tokens', 'max_tokens'] as const satisfies readonly Feature[];

/** Features that take each other's place: when one of them is refused, the next one is tried. */
export function sameKind(left: Feature, right: Feature): boolean {
  return left === right || [FORMATS, TOKEN_LIMITS].some((kind) => isOneOf(kind, left) && isOneOf(kind, right));
}

export function isOneOf(features: readonly Feature[], feature: Feature): boolean {
  return features.includes(feature);
}
