/*
 * `npm run bench:selection [-- RUNS [NODES]]`: whether the final selection finds better scripts than the best search
 * score does, where scores are noisy: when few scripts are better than the rest, and when their errors are spread evenly.
 * Default: 100 seeded runs of 200 nodes of either kind.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { readPythonPath } from '../src/workers/python-path';
import { readSettings } from '../src/workers/settings';
import type { NoisyRun } from './noisy-run';
import { ROWS, makeNoisyRun } from './noisy-run';

/** Runs made at a time: each waits for one Python process after another. */
const AT_ONCE = 2;

const SPREADS = ['few good', 'evenly spread'] as const;

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 100);
  const nodes = Number(process.argv[3] ?? 200);
  const pythonPath = await readPythonPath(readSettings(process.env));
  const root = await mkdtemp(path.join(tmpdir(), 'coppice-selection-'));
  try {
    for (const spread of SPREADS) {
      const make = (seed: number): Promise<NoisyRun> =>
        makeNoisyRun({ pythonPath, root: path.join(root, `${spread}-${seed}`), spread, seed, nodes });
      print(`${spread}: ${count} runs of ${nodes} nodes`, await makeAll(count, make));
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function makeAll(count: number, make: (seed: number) => Promise<NoisyRun>): Promise<readonly NoisyRun[]> {
  const runs: NoisyRun[] = [];
  const seeds = Array.from({ length: count }, (_, index) => index + 1);
  const work = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      runs.push(await make(seed));
      if (runs.length % 10 === 0) process.stderr.write(`${runs.length} of ${count} runs\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return runs;
}

function print(title: string, runs: readonly NoisyRun[]): void {
  const gains = runs.map(({ bestBySearch, selected }) => bestBySearch.trueError - selected.trueError);
  const count = (matches: (gain: number) => boolean): number => gains.filter(matches).length;
  const average = (value: (run: NoisyRun) => number): string => mean(runs.map(value)).toFixed(4);
  const table = new Table({ head: ['mean over the runs (root mean squared error)', 'best search score', 'selected'] });
  table.push(
    ['true error', average((run) => run.bestBySearch.trueError), average((run) => run.selected.trueError)],
    ['search score', average((run) => run.bestBySearch.searchError), average((run) => run.selected.searchError)],
    ['selection score', '', average((run) => run.selected.selectionError)],
  );
  const eighth = Math.round(ROWS / 8);
  process.stdout.write(
    [
      `${title}, ${eighth} rows to steer the search and ${eighth} for the selection`,
      table.toString(),
      `gain in true error ${mean(gains).toFixed(4)}, standard error ${standardError(gains).toFixed(4)}`,
      `the selected node is better in ${count((gain) => gain > 0)} runs, worse in ${count((gain) => gain < 0)}, the same in ${count((gain) => gain === 0)}`,
      '',
    ].join('\n'),
  );
  if (mean(gains) <= 0) process.exitCode = 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance / values.length);
}

void main();
