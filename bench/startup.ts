/*
 * `npm run bench:startup [-- SCRIPTS]`: what starting one script costs under each back end, with the same supervisor
 * and the same script that does nothing. Default: 40 scripts of each, in turns, since the machine's load changes. Where
 * others work on the machine, `chrt --rr 10 npm run bench:startup` (as root) keeps them out of the numbers.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { controlDirectory, removeTree } from '../src/sandbox/attempts';
import { openIsolations } from '../src/sandbox/isolation/choose-isolation';
import type { Isolation } from '../src/sandbox/isolation/isolation';
import { processIsolation } from '../src/sandbox/isolation/process';
import { prepareAttempt } from '../src/sandbox/prepare-attempt';
import { startSupervisor, watchScript, writeSupervisorSpec } from '../src/sandbox/supervised-script';
import { readPythonPath } from '../src/workers/python-path';
import { readSettings } from '../src/workers/settings';

/** Most milliseconds that bubblewrap may add to a script. */
const ALLOWED_MS = 50;

const RESOURCES = { memoryBytes: 2 ** 30, diskBytes: 1e9, fileBytes: 1e9, processes: 100 } as const;

interface Bench {
  readonly root: string;
  readonly pythonPath: string;
}

async function main(): Promise<void> {
  const scripts = Number(process.argv[2] ?? 40);
  const bench = await openBench();
  try {
    const isolations = await openBackEnds(bench);
    const measured = new Map(isolations.map(({ name }) => [name, [] as number[]]));
    // The first of each warms the disk's cache up and does not count.
    for (let round = 0; round <= scripts; round += 1) {
      for (const isolation of isolations) {
        const milliseconds = await runOne(bench, isolation, `${isolation.name}-${round}`);
        if (round > 0) measured.get(isolation.name)?.push(milliseconds);
      }
    }
    process.exitCode = tell(measured) ? 0 : 1;
  } finally {
    await removeTree(bench.root);
  }
}

async function openBench(): Promise<Bench> {
  const root = await mkdtemp(path.join(tmpdir(), 'coppice-startup-'));
  for (const name of ['home', 'leases', 'data']) await mkdir(path.join(root, name));
  await writeFile(path.join(root, 'data', 'train.csv'), 'a,b\n1,2\n');
  return { root, pythonPath: await readPythonPath(readSettings(process.env)) };
}

async function openBackEnds({ root, pythonPath }: Bench): Promise<readonly Isolation[]> {
  const home = path.join(root, 'home');
  const { best, refusal } = await openIsolations({ home, hidden: [], pythonPath, searchPath: process.env['PATH'] });
  if (refusal !== null) process.stdout.write(`bubblewrap is left out: ${refusal.reason}. ${refusal.fix}\n`);
  return refusal === null ? [processIsolation, best] : [processIsolation];
}

/** Milliseconds from an empty directory to the script's result. */
async function runOne({ root, pythonPath }: Bench, isolation: Isolation, name: string): Promise<number> {
  const directory = path.join(root, 'home', name);
  const input = { directory: path.join(root, 'data'), mounts: [], hidden: [] };
  const startedAt = performance.now();
  await mkdir(directory);
  const prepared = await prepareAttempt({ directory, token: name, solution: Buffer.from(''), input, isolation });
  const { command, environment } = await isolation.command({
    directory,
    ...prepared,
    pythonPath,
    program: [pythonPath, 'solution.py'],
    readOnly: ['solution.py'],
    input,
    mounts: [],
    network: false,
    gpus: 0,
    resources: RESOURCES,
    token: name,
    threads: 1,
    seed: null,
  });
  const control = controlDirectory(directory);
  await writeSupervisorSpec(control, {
    token: name,
    command: [...command],
    directory,
    environment: { ...environment },
    limitSeconds: 60,
    endBefore: null,
    graceSeconds: 5,
    ...RESOURCES,
    leases: { directory: path.join(root, 'leases'), slots: 1 },
    gpus: { count: 0, candidates: [] },
  });
  await startSupervisor(pythonPath, control);
  const outcome = await watchScript(control, new AbortController().signal);
  const milliseconds = performance.now() - startedAt;
  if (outcome.status !== 'ended' || outcome.result.end !== 'exit' || outcome.result.exitCode !== 0) {
    throw new Error(`${name} did not end well: ${JSON.stringify(outcome)}`);
  }
  return milliseconds;
}

/** Prints the table; whether what bubblewrap adds is within what it may. */
function tell(measured: ReadonlyMap<string, readonly number[]>): boolean {
  const base = measured.get(processIsolation.name) ?? [];
  const table = new Table({ head: ['back end', 'scripts', 'quickest', 'median', 'more than process', 'at most'] });
  let holds = true;
  for (const [name, times] of measured) {
    // Those of one round met the same load.
    const more = median(times.map((time, round) => time - (base[round] ?? time)));
    if (more > ALLOWED_MS) holds = false;
    const limits = times === base ? ['', ''] : [inWords(more), inWords(ALLOWED_MS)];
    table.push([name, times.length, inWords(Math.min(...times)), inWords(median(times)), ...limits]);
  }
  process.stdout.write(`${table.toString()}\n`);
  return holds;
}

function inWords(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

void main();
