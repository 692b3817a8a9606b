import { growthOf, median, usualModel } from './made-up/prompt-growth';
import type { MadeUpStep } from './made-up/search';
import { madeUpSearch } from './made-up/search';

const NODES = 200;

let steps: MadeUpStep[];

beforeAll(async () => {
  steps = [];
  for await (const step of madeUpSearch(usualModel, { steps: NODES, seed: 3 })) steps.push(step);
});

test('prompts do not grow after the first 30 nodes', () => {
  const improvements = growthOf(steps, NODES).sizes.filter(({ operator, id }) => operator === 'improve' && id > 30);
  const early = median(improvements.filter(({ id }) => id <= 80).map(({ tokens }) => tokens));
  expect(improvements.length).toBeGreaterThan(100);
  expect(Math.max(...improvements.map(({ tokens }) => tokens))).toBeLessThan(1.15 * early);
});

test('an improvement asks for at most 6,000 tokens, and 200 steps for at most a fifth of what AIDE asks for', () => {
  const growth = growthOf(steps, NODES);
  const improvements = growth.sizes.filter(({ operator }) => operator === 'improve');
  expect(improvements.at(-1)?.tokens).toBeLessThan(6000);
  const all = growth.proposalTokens + growth.reviewTokens + growth.digestTokens;
  expect(all).toBeLessThan(0.2 * growth.aideTokens);
});

test('most of a prompt is what the previous one of its operator began with', () => {
  const shares = growthOf(steps, NODES).prefixes.map(({ share }) => share);
  expect(median(shares)).toBeGreaterThan(0.6);
});

test('the digest is renewed every 20 nodes and stands in the prompts after it', () => {
  expect(steps.filter(({ digest }) => digest !== null).map(({ node }) => node.id)).toHaveLength(NODES / 20);
  expect(steps[25]?.proposal.messages[1]?.content).toContain('## Notes on the search so far');
  expect(steps[15]?.proposal.messages[1]?.content).not.toContain('## Notes on the search so far');
});
