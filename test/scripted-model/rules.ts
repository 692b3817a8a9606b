import { z } from 'zod';
import { PURPOSES, purposeSchema, type Purpose } from '../../src/domain/purpose';
import { actionSchema } from './actions';

/**
 * What to do with certain requests. The first rule that fits decides; keys that are left out fit everything. `nth`
 * counts the requests that the rule's other keys fit, from 1.
 */
export const ruleSchema = z.strictObject({
  runId: z.string().optional(),
  purpose: purposeSchema.optional(),
  node: z.int().min(0).optional(),
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
  /** Of a digest the nodes it covers, 0 for the report. */
  readonly node: number;
  readonly purpose: Purpose;
  readonly ask: number;
}

const CALL = new RegExp(`^([^/]+)/(\\d+)/(${PURPOSES.join('|')})/(\\d+)$`);

/** Reads `<runId>/<nodeId>/<purpose>/<ask>`; null for anything else. */
export function parseCallKey(text: string): CallKey | null {
  const [, runId, node, purpose, ask] = CALL.exec(text) ?? [];
  const key = purposeSchema.safeParse(purpose);
  if (runId === undefined || !key.success) return null;
  return { runId, node: Number(node), purpose: key.data, ask: Number(ask) };
}

/** Rules with the count of the requests that each has met. */
export interface RuleBook {
  add(rules: readonly RuleInput[]): void;
  /** Drops the rules for one run, or all of them. */
  clear(runId?: string): void;
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
    clear: (runId) => {
      entries = runId === undefined ? [] : entries.filter(({ rule }) => rule.runId !== runId);
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
    (rule.runId === undefined || rule.runId === call.runId) &&
    (rule.purpose === undefined || rule.purpose === call.purpose) &&
    (rule.node === undefined || rule.node === call.node) &&
    (rule.ask === undefined || rule.ask === call.ask)
  );
}
