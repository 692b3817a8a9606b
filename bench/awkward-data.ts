/*
 * `npm run bench:awkward [-- GIGABYTES]`: what coppice infers of awkward data, and how far the offline model gets with it:
 * every data set of test/offline/awkward, and a CSV of 5 GB (or as many as asked for; 0 for none) that is made here.
 * Prints a row for each, as docs/data.md keeps them, then the share that ended with a working best.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AwkwardTable } from '../test/offline/awkward/awkward-tables';
import { AWKWARD_TABLES } from '../test/offline/awkward/awkward-tables';
import { csv, houses } from '../test/offline/awkward/plain-rows';
import type { Solved } from '../test/offline/awkward/solve-awkward';
import { solveAll } from '../test/offline/awkward/solve-awkward';

const GIGABYTE = 1e9;

async function main(): Promise<void> {
  const gigabytes = Number(process.argv[2] ?? 5);
  const root = await mkdtemp(path.join(tmpdir(), 'coppice-awkward-'));
  try {
    const large = gigabytes > 0 ? [largeTable(gigabytes)] : [];
    const solved = await solveAll([...AWKWARD_TABLES, ...large], path.join(root, 'runs'));
    process.stdout.write('| Data | What coppice infers | What comes of it offline |\n| --- | --- | --- |\n');
    for (const each of solved) process.stdout.write(`| ${each.name} | ${each.inferred} | ${outcome(each)} |\n`);
    const working = solved.filter(({ best }) => best !== null).length;
    process.stdout.write(`\n${working} of ${solved.length} end with a working best.\n`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** The houses over and over: what counts is the file's size. */
function largeTable(gigabytes: number): AwkwardTable {
  const text = csv(houses(20_000));
  const header = text.slice(0, text.indexOf('\n') + 1);
  const block = Buffer.from(text.slice(header.length));
  const write = async (directory: string): Promise<void> => {
    const file = createWriteStream(path.join(directory, 'train.csv'));
    file.write(header);
    for (let bytes = 0; bytes < gigabytes * GIGABYTE; bytes += block.length) {
      if (!file.write(block)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'finish');
  };
  return {
    name: `a CSV of ${gigabytes} GB`,
    make: async (directory) => {
      await write(directory);
      return { data: directory, goal: 'Predict the price.', metric: 'rmse', target: 'price' };
    },
  };
}

function outcome({ best, metric, refusal, failures }: Solved): string {
  if (refusal !== null)
    return `refused: ${refusal.replace(/^.*?: /, '').replace(/\. The offline model predicts.*$/, '')}`;
  if (best === null) return `no script works: ${failures.at(-1) ?? ''}`;
  const failed = failures.length === 0 ? '' : `, ${failures.length} of its scripts failed`;
  return `works: ${metric} ${Number(best.toPrecision(4))}${failed}`;
}

void main();
