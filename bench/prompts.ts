/*
 * `npm run bench:prompts [-- SEED]`: how large prompts are and what they share, in a search of 500 nodes on the example
 * `diamonds`: the real policy and the real prompts, a made-up model. Exits 1 when a mark is missed.
 */
import Table from 'cli-table3';
import { randomStream } from '../src/policy/random-stream';
import type { Growth } from '../test/llm/made-up/prompt-growth';
import { caseSize, growthOf, median, usualModel } from '../test/llm/made-up/prompt-growth';
import type { MadeUpStep } from '../test/llm/made-up/search';
import { madeUpSearch } from '../test/llm/made-up/search';

const NODES = 500;
const COUNTED = 200;
const NUMBERS = [10, 30, 50, 100, 200, 300, 500];
const OPERATORS = ['draft', 'improve', 'debug'];

/** How far around a node number a prompt of the operator is looked for. */
const AROUND = 15;

interface Mark {
  readonly what: string;
  readonly value: string;
  readonly isMet: boolean;
}

async function main(): Promise<void> {
  const seed = Number(process.argv[2] ?? 1);
  const steps: MadeUpStep[] = [];
  for await (const step of madeUpSearch(usualModel, { steps: NODES, seed })) steps.push(step);
  const growth = growthOf(steps, COUNTED);
  const marks = marksOf(growth);
  const { script, lines, plan, review } = caseSize(randomStream(seed, 1));
  process.stdout.write(
    [
      `scripts of ${lines} lines (${script} tokens), plans of ${plan} and reviews of ${review} tokens; ` +
        `${growth.working} of the first ${COUNTED} nodes work`,
      'Tokens of the prompt nearest to a node number:',
      sizesTable(growth).toString(),
      'Share of the prompt that it has in common with the previous one of its operator, median:',
      prefixTable(growth).toString(),
      `Prompt tokens of the first ${COUNTED} steps:`,
      totalsTable(growth).toString(),
      ...marks.map(({ what, value, isMet }) => `${isMet ? 'met   ' : 'MISSED'}  ${what}: ${value}`),
      '',
    ].join('\n'),
  );
  if (marks.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

function marksOf(growth: Growth): Mark[] {
  const improvements = growth.sizes.filter(({ operator }) => operator === 'improve');
  const later = improvements.filter(({ id }) => id > 30);
  const early = median(later.filter(({ id }) => id <= 100).map(({ tokens }) => tokens));
  const largest = Math.max(...later.map(({ tokens }) => tokens));
  const at200 = nearest(growth, 'improve', 200) ?? Infinity;
  const all = growth.proposalTokens + growth.reviewTokens + growth.digestTokens;
  const shared = median(growth.prefixes.map(({ share }) => share));
  return [
    {
      what: 'flat after 30 nodes: largest improve prompt after them, against their median up to 100',
      value: `${largest} against ${early}`,
      isMet: largest <= 1.15 * early,
    },
    { what: 'an improve prompt at node 200, at most 6000', value: String(at200), isMet: at200 <= 6000 },
    {
      what: "all prompts of 200 steps against AIDE's, at most 20 %",
      value: percent(all / growth.aideTokens),
      isMet: all <= 0.2 * growth.aideTokens,
    },
    { what: 'common prefix in the median, at least 60 %', value: percent(shared), isMet: shared >= 0.6 },
  ];
}

function sizesTable(growth: Growth): Table.Table {
  const table = new Table({
    head: ['', ...NUMBERS.map(String)],
    colAligns: ['left', ...NUMBERS.map(() => 'right' as const)],
  });
  for (const operator of OPERATORS) {
    table.push([operator, ...NUMBERS.map((number) => nearest(growth, operator, number) ?? '')]);
  }
  return table;
}

function prefixTable({ prefixes }: Growth): Table.Table {
  const table = new Table({ colAligns: ['left', 'right', 'right'] });
  for (const operator of OPERATORS) {
    const shares = prefixes.filter((prefix) => prefix.operator === operator).map(({ share }) => share);
    table.push([operator, `${shares.length} prompts`, shares.length === 0 ? '' : percent(median(shares))]);
  }
  return table;
}

function totalsTable(growth: Growth): Table.Table {
  const { proposalTokens, reviewTokens, digestTokens } = growth;
  const table = new Table({ head: ['', 'tokens', 'of AIDE'], colAligns: ['left', 'right', 'right'] });
  const row = (what: string, tokens: number): void =>
    void table.push([what, String(tokens), percent(tokens / growth.aideTokens)]);
  row('draft, improve, debug', proposalTokens);
  row('reviews', reviewTokens);
  row('digests', digestTokens);
  row('all', proposalTokens + reviewTokens + digestTokens);
  row('AIDE: 1600 + 210 for each working node before, for each script', growth.aideTokens);
  return table;
}

/** Tokens of the operator's prompt that is nearest to a node number; null when there is none about it. */
function nearest({ sizes }: Growth, operator: string, number: number): number | null {
  const found = sizes
    .filter((size) => size.operator === operator && Math.abs(size.id - number) <= AROUND)
    .sort((left, right) => Math.abs(left.id - number) - Math.abs(right.id - number))[0];
  return found?.tokens ?? null;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

void main();
