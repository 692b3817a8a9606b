import { z } from 'zod';

/** How a made-up script behaves when it is run. */
export const scriptBehaviourSchema = z.strictObject({
  /** The score it reports; by default a number that node and purpose determine. */
  metric: z.number().optional(),
  /** Seconds it works before it ends. */
  sleepSeconds: z.number().min(0).optional(),
  /** How it fails instead of reporting a score. */
  fail: z.enum(['exception', 'no_metric', 'bad_metric', 'killed', 'no_submission']).optional(),
  /** Lines of output it prints before. */
  lines: z.int().min(0).optional(),
  /** The whole script, instead of a made-up one. */
  code: z.string().optional(),
});
export type ScriptBehaviour = z.infer<typeof scriptBehaviourSchema>;

const actionSchema = z.discriminatedUnion('type', [
  /** Answers as usual; with `text` or `script` this instead. */
  z.strictObject({
    type: z.literal('answer'),
    text: z.string().optional(),
    script: scriptBehaviourSchema.optional(),
    finishReason: z.string().optional(),
  }),
  /** Sends a body of one's own, as it stands. */
  z.strictObject({
    type: z.literal('respond'),
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.string().optional(),
  }),
  /** Does not answer before `POST /_release`; then as usual. */
  z.strictObject({ type: z.literal('hold') }),
  /** Ends the connection: before anything is sent, or in the middle of the answer. */
  z.strictObject({ type: z.literal('cut'), after: z.enum(['nothing', 'half']).default('nothing') }),
  /** Ends the server's process at once, before or after the answer. */
  z.strictObject({ type: z.literal('die'), when: z.enum(['received', 'answered']).default('received') }),
]);
export type Action = z.output<typeof actionSchema>;

/**
 * What to do with certain requests. The first rule that fits decides; keys that are left out fit everything. `nth`
 * counts the requests that the rule's other keys fit, from 1.
 */
export const ruleSchema = z.strictObject({
  purpose: z.enum(['draft', 'improve', 'debug', 'review']).optional(),
  node: z.int().min(1).optional(),
  ask: z.int().min(1).optional(),
  nth: z.int().min(1).optional(),
  /** Milliseconds to wait before acting. */
  delayMs: z.number().min(0).optional(),
  action: actionSchema,
});
export type Rule = z.output<typeof ruleSchema>;
export type RuleInput = z.input<typeof ruleSchema>;

/** One call as the client names it in the header `x-coppice-call`. */
export interface CallKey {
  readonly runId: string;
  readonly node: number;
  readonly purpose: 'draft' | 'improve' | 'debug' | 'review';
  readonly ask: number;
}

const CALL = /^([^/]+)\/(\d+)\/(draft|improve|debug|review)\/(\d+)$/;

/** Reads `<runId>/<nodeId>/<purpose>/<ask>`; null for anything else. */
export function parseCallKey(text: string): CallKey | null {
  const [, runId, node, purpose, ask] = CALL.exec(text) ?? [];
  const key = z.enum(['draft', 'improve', 'debug', 'review']).safeParse(purpose);
  if (runId === undefined || !key.success) return null;
  return { runId, node: Number(node), purpose: key.data, ask: Number(ask) };
}

/** Rules with the count of the requests that each has met. */
export interface RuleBook {
  add(rules: readonly RuleInput[]): void;
  clear(): void;
  /** The rule for this request, if any; counts the request. */
  decide(call: CallKey): Rule | null;
}

export function createRuleBook(initial: readonly RuleInput[]): RuleBook {
  let entries: { rule: Rule; met: number }[] = [];
  const book: RuleBook = {
    // Later rules come first, so that a test can override what it started with.
    add: (rules) => {
      entries = [...rules.map((rule) => ({ rule: ruleSchema.parse(rule), met: 0 })), ...entries];
    },
    clear: () => {
      entries = [];
    },
    decide: (call) => {
      const fitting = entries.filter(({ rule }) => fits(rule, call));
      for (const entry of fitting) entry.met += 1;
      return fitting.find(({ rule, met }) => rule.nth === undefined || rule.nth === met)?.rule ?? null;
    },
  };
  book.add(initial);
  return book;
}

function fits(rule: Rule, call: CallKey): boolean {
  return (
    (rule.purpose === undefined || rule.purpose === call.purpose) &&
    (rule.node === undefined || rule.node === call.node) &&
    (rule.ask === undefined || rule.ask === call.ask)
  );
}
