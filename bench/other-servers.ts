/*
 * `npm run bench:other-servers [-- TRIAL …]`: real runs against model servers that others wrote. Makes a Python
 * environment for each server the first time (llama-cpp-python is compiled: needs a C++ compiler, CMake, about five
 * minutes), below .coppice/bench or the directory that COPPICE_BENCH_CACHE names. Ends with status 1 when a run ended
 * otherwise than expected.
 */
import path from 'node:path';
import Table from 'cli-table3';
import { startLiteLlm } from './other-servers/litellm';
import { startLlamaCpp } from './other-servers/llama-cpp';
import type { OtherServer, ServerName } from './other-servers/other-server';
import { runTrial, type Trial, type Verdict } from './other-servers/trial';

const STARTS: Readonly<Record<ServerName, (cache: string) => Promise<OtherServer>>> = {
  litellm: startLiteLlm,
  'llama-cpp': startLlamaCpp,
};

const TRIALS: readonly Trial[] = [
  {
    name: 'plain',
    about: 'takes all that is asked for',
    writer: { server: 'litellm', model: 'proposer' },
    reviewer: { server: 'litellm', model: 'reviewer' },
    expected: { exitCodes: [0], recorded: 'working', reviews: 'all', lacks: [] },
  },
  {
    name: 'picky',
    about: 'refuses JSON of any kind, and tools',
    writer: { server: 'litellm', model: 'picky-proposer' },
    reviewer: { server: 'litellm', model: 'picky-reviewer' },
    expected: { exitCodes: [0], recorded: 'working', reviews: 'all', lacks: ['json_object', 'json_schema', 'tools'] },
  },
  {
    name: 'deaf',
    about: 'answers in prose, whatever is asked for',
    writer: { server: 'litellm', model: 'proposer' },
    reviewer: { server: 'litellm', model: 'proposer' },
    expected: { exitCodes: [0], recorded: 'working', reviews: 'none', lacks: [] },
  },
  {
    name: 'nonsense',
    about: 'writes nonsense',
    writer: { server: 'llama-cpp', model: 'tiny' },
    reviewer: { server: 'llama-cpp', model: 'tiny' },
    expected: { exitCodes: [3], recorded: 'failed', reviews: 'none', lacks: ['stream'] },
  },
  {
    name: 'both',
    about: 'one writes, the other reviews, by chance',
    writer: { server: 'litellm', model: 'proposer' },
    reviewer: { server: 'llama-cpp', model: 'tiny' },
    expected: { exitCodes: [0, 3], recorded: 'either', reviews: 'all', lacks: ['json_schema', 'stream'] },
  },
];

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const trials = TRIALS.filter(({ name }) => asked.length === 0 || asked.includes(name));
  if (trials.length === 0) throw new Error(`no such trial: choose among ${TRIALS.map(({ name }) => name).join(', ')}`);
  const cache = path.resolve(process.env['COPPICE_BENCH_CACHE'] ?? path.join(__dirname, '..', '.coppice', 'bench'));
  const servers = new Map<ServerName, OtherServer>();
  const verdicts: Verdict[] = [];
  try {
    for (const name of new Set(trials.flatMap(({ writer, reviewer }) => [writer.server, reviewer.server]))) {
      servers.set(name, await STARTS[name](cache));
    }
    for (const trial of trials) verdicts.push(await runTrial(servers, trial));
  } finally {
    for (const server of servers.values()) await server.close();
  }
  print([...servers.values()], verdicts);
  if (verdicts.some(({ surprises }) => surprises.length > 0)) process.exitCode = 1;
}

function print(servers: readonly OtherServer[], verdicts: readonly Verdict[]): void {
  const table = new Table({
    head: ['writer, reviewer', 'what they do', 'lacks learnt', 'calls', 'requests', 'tokens', 'outcome', 'exit', 's'],
    style: { head: [], border: [] },
  });
  for (const { trial, ...seen } of verdicts) {
    const names = [trial.writer, trial.reviewer].map(({ server, model }) => `${server}: ${model}`);
    table.push([
      [...new Set(names)].join('\n'),
      trial.about,
      seen.lacks.join('\n') || 'none',
      seen.calls,
      seen.served,
      `${seen.promptTokens} in\n${seen.completionTokens} out`,
      seen.outcome,
      seen.exitCode ?? 'none',
      seen.seconds.toFixed(0),
    ]);
  }
  const versions = servers.map(({ name, version }) => `${name} ${version}`).join(', ');
  process.stdout.write(`${versions}\n${table.toString()}\n`);
  for (const { trial, surprises } of verdicts) {
    for (const surprise of surprises) process.stdout.write(`SURPRISE ${trial.name}: ${surprise}\n`);
  }
}

void main();
