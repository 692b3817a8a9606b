import { countTokens, encodeTokens } from '../../../src/llm/count-tokens';
import type { ModelRequest } from '../../../src/llm/model';
import { DIGEST_WORDS } from '../../../src/llm/prompts/digest-variables';
import type { RandomStream } from '../../../src/policy/random-stream';
import { changedScript, madeUpOutput, madeUpScript, madeUpTraceback } from './python-script';
import type { MadeUpModel, MadeUpNode, MadeUpStep } from './search';

/** Scripts that fail, of all. */
const FAILING = 0.15;

/** Plans and reviews of about 100 tokens each, as asked of models. */
const PLAN =
  'Add the ratio of carat to volume as a feature, since the density of a stone tells of errors in its measurements. ' +
  'The gradient boosting model with ordinal grades stays as it is, and so do the five folds with their seed. Stones ' +
  'whose measurements contradict their weight are priced lower in the residuals of the parent, which the model cannot ' +
  'see from the single columns. The feature is made inside the same function as the others, with infinite values ' +
  'replaced by zero, so that nothing of the validation changes and both scores compare.\n';

function review(id: number, words: string): string {
  return JSON.stringify({
    is_bug: false,
    idea: `gradient boosting on ordinal grades with density features, variant ${id}`,
    change: 'adds the ratio of carat to volume, with infinite values replaced by zero',
    lesson: `${words} against its parent and stays behind the best; ratios of measurements help trees little, so spend further steps on the target and on regularisation instead of on more ratios.`,
  });
}

/** A model that writes scripts of about 100 lines, one change at a time; some fail, few are better than all before. */
export const usualModel: MadeUpModel = {
  write(_request, node, parent, random): MadeUpNode {
    const code = parent === null ? madeUpScript(random) : changedScript(parent.code, random);
    if (random.chance() < FAILING) {
      const message = 'ValueError: Input X contains NaN.';
      const outcome = { reason: 'exception' as const, message };
      return { plan: PLAN, code, output: madeUpTraceback(), outcome, review: review(node.id, 'It fails on NaN') };
    }
    const from = parent?.metric ?? 600;
    const metric = from * (1 + 0.006 + 0.01 * gaussian(random));
    const change = `It changes the score by ${(metric - from).toFixed(1)}`;
    return {
      plan: PLAN,
      code,
      output: madeUpOutput(metric, random),
      outcome: { metric },
      review: review(node.id, change),
    };
  },
  digest(request): string {
    const count = /#\d+/g;
    const nodes = [...(request.messages.at(-1)?.content ?? '').matchAll(count)].map(([name]) => name);
    const works = 'Works: log target −14; density −3; ordinal grades −8 against one-hot; 600 rounds with rate 0.05. ';
    const failed = nodes.map((node) => `${node} ratio features, NaN in model input, fill before fitting`).join('; ');
    return `${works}\nFailed: ${failed}`.split(' ').slice(0, DIGEST_WORDS).join(' ');
  },
};

/** Tokens of AIDE's prompt for a proposal when so many nodes work, as measured of aideml 0.2.2. */
export function aideTokens(workingBefore: number): number {
  return 1600 + 210 * workingBefore;
}

/** Share of a prompt's tokens that it begins with as an earlier prompt did. */
export function sharedPrefix(earlier: ModelRequest, request: ModelRequest): number {
  const before = encodeTokens(textOf(earlier));
  const now = encodeTokens(textOf(request));
  const differs = now.findIndex((token, index) => token !== before[index]);
  return (differs === -1 ? now.length : differs) / now.length;
}

export interface Growth {
  /** Tokens of the prompt for each node, by operator. */
  readonly sizes: readonly { readonly id: number; readonly operator: string; readonly tokens: number }[];
  /** Shares of the prefix in common with the previous prompt of the same operator. */
  readonly prefixes: readonly { readonly operator: string; readonly share: number }[];
  readonly proposalTokens: number;
  readonly reviewTokens: number;
  readonly digestTokens: number;
  readonly aideTokens: number;
  readonly working: number;
}

/** Sums up steps; the totals are those of the first `totalled` steps. */
export function growthOf(steps: readonly MadeUpStep[], totalled: number): Growth {
  const counted = steps.slice(0, totalled);
  const sum = (tokens: (step: MadeUpStep) => number): number =>
    counted.reduce((total, step) => total + tokens(step), 0);
  const previous = new Map<string, ModelRequest>();
  const prefixes = steps.flatMap(({ node, proposal }) => {
    const earlier = previous.get(node.operator);
    previous.set(node.operator, proposal);
    return earlier === undefined ? [] : [{ operator: node.operator, share: sharedPrefix(earlier, proposal) }];
  });
  return {
    sizes: steps.map(({ node, proposal }) => ({
      id: node.id,
      operator: node.operator,
      tokens: proposal.estimatedTokens,
    })),
    prefixes,
    proposalTokens: sum(({ proposal }) => proposal.estimatedTokens),
    reviewTokens: sum(({ review: asked }) => asked.estimatedTokens),
    digestTokens: sum(({ digest }) => digest?.estimatedTokens ?? 0),
    aideTokens: sum(({ workingBefore }) => aideTokens(workingBefore)),
    working: counted.at(-1)?.workingBefore ?? 0,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Tokens of the made-up texts, to see that they are as long as they should be. */
export function caseSize(random: RandomStream): { script: number; lines: number; plan: number; review: number } {
  const script = madeUpScript(random);
  return {
    script: countTokens(script),
    lines: script.split('\n').length,
    plan: countTokens(PLAN),
    review: countTokens(review(100, 'It changes the score by 3.4')),
  };
}

function textOf(request: ModelRequest): string {
  return request.messages.map(({ role, content }) => `${role}\n${content}`).join('\n');
}

/** Box and Muller 1958. */
function gaussian(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random.chance())) * Math.cos(2 * Math.PI * random.chance());
}
