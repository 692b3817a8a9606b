/*
 * `npm run bench:digest [-- SEEDS [NODES]]`: how often failed ideas come back with the digest and without it, for a model
 * that repeats what its prompt does not mention. Default: 10 seeds of 120 nodes.
 */
import Table from 'cli-table3';
import { runSpecSchema } from '../src/domain/run-spec';
import { countRepeats, type Repeats } from '../test/llm/made-up/repeated-ideas';

/** With the digest deleted, failed ideas have to come back so many times as often. */
const LEAST_RATIO = 2;

/** Tokens that the digest takes of a prompt: what the third case has of memory besides. */
const DIGEST_TOKENS = 400;

async function main(): Promise<void> {
  const seeds = Number(process.argv[2] ?? 10);
  const steps = Number(process.argv[3] ?? 120);
  const { tokens } = runSpecSchema.parse({ task: '.' }).memory;
  const table = new Table({
    head: ['seed', 'with the digest', 'without', `without, and ${DIGEST_TOKENS} tokens more of memory`],
    colAligns: ['right', 'right', 'right', 'right'],
  });
  const sums = { with: 0, without: 0, longer: 0 };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const usual = await countRepeats({ seed, steps });
    const without = await countRepeats({ seed, steps, memory: { digestEvery: 0 } });
    const longer = await countRepeats({ seed, steps, memory: { digestEvery: 0, tokens: tokens + DIGEST_TOKENS } });
    sums.with += usual.failedAgain;
    sums.without += without.failedAgain;
    sums.longer += longer.failedAgain;
    table.push([seed, inWords(usual), inWords(without), inWords(longer)]);
  }
  const ratio = sums.without / Math.max(sums.with, 1);
  process.stdout.write(
    [
      `Ideas that had failed and were tried again, of all drafts and improvements, in ${steps} nodes:`,
      table.toString(),
      `${sums.with} with the digest, ${sums.without} without it (${ratio.toFixed(1)} times as many), ` +
        `${sums.longer} with as many tokens spent on more of the memory instead`,
      ratio >= LEAST_RATIO
        ? 'as it must be'
        : `MISSED: at least ${LEAST_RATIO} times as many were to come back without`,
      '',
    ].join('\n'),
  );
  if (ratio < LEAST_RATIO) process.exitCode = 1;
}

function inWords({ failedAgain, ideas, proposals }: Repeats): string {
  return `${failedAgain} of ${proposals} (${ideas} ideas)`;
}

void main();
