import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { statusJsonSchema } from '../../src/cli/json-output';
import type { ModelSetting } from '../../src/domain/model-setting';
import { makeWorkplace, type Ended, type Workplace } from '../../test/helpers/coppice-process';
import { parseOutput } from '../../test/helpers/coppice-command';
import type { OtherServer, ServerName } from './other-server';

/** Who has a role, and at which server. */
interface Role {
  readonly server: ServerName;
  readonly model: string;
}

/** A run against servers, and how it has to end. */
export interface Trial {
  /** Also the run's id. */
  readonly name: string;
  /** What is special about the models. */
  readonly about: string;
  readonly writer: Role;
  readonly reviewer: Role;
  readonly expected: {
    readonly exitCodes: readonly number[];
    readonly recorded: 'working' | 'failed' | 'either';
    /** How many of the scripts that ran have a review that could be read. */
    readonly reviews: 'all' | 'none';
    /** What must have been learnt of the models together, in alphabetical order. */
    readonly lacks: readonly string[];
  };
}

export interface Verdict {
  readonly trial: Trial;
  readonly exitCode: number | null;
  readonly outcome: string;
  /** Calls that the run counts. */
  readonly calls: number;
  /** Requests by the servers' own logs. */
  readonly served: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly lacks: readonly string[];
  readonly seconds: number;
  /** What was otherwise than expected. */
  readonly surprises: readonly string[];
}

const STEPS = 4;

/** Most tokens of an answer: what has no meaning may have no end either. */
const MOST_TOKENS = 400;

/** Far longer than any of these runs takes: a run that spins or hangs is ended, and is a surprise. */
const LIMIT = '10m';

export async function runTrial(servers: ReadonlyMap<ServerName, OtherServer>, trial: Trial): Promise<Verdict> {
  process.stderr.write(`${trial.name}: ${trial.about}\n`);
  const place = await makeWorkplace(
    Object.fromEntries([...servers.values()].map(({ keyVariable, key }) => [keyVariable, key])),
  );
  const served = (): number => [...servers.values()].reduce((sum, server) => sum + server.served(), 0);
  try {
    const models = path.join(place.task, 'models.yaml');
    const settings = { default: setting(servers, trial.writer), review: setting(servers, trial.reviewer) };
    await writeFile(models, stringify(settings));
    const servedBefore = served();
    const startedAt = performance.now();
    const ended = await place.run([
      ...['run', place.task, '--run-id', trial.name, '--steps', String(STEPS), '--slots', '1', '--seed', '1'],
      ...['--models', models, '--time-limit', LIMIT],
    ]);
    const seconds = (performance.now() - startedAt) / 1000;
    return await judge(trial, place, { ended, seconds, served: served() - servedBefore });
  } finally {
    await place.cleanup();
  }
}

function setting(servers: ReadonlyMap<ServerName, OtherServer>, { server, model }: Role): ModelSetting {
  const found = servers.get(server);
  if (found === undefined) throw new Error(`${server} was not started`);
  return { name: model, baseUrl: found.baseUrl, keyVariable: found.keyVariable, maxTokens: MOST_TOKENS };
}

interface Seen {
  readonly ended: Ended;
  readonly seconds: number;
  readonly served: number;
}

async function judge(trial: Trial, place: Workplace, { ended, seconds, served }: Seen): Promise<Verdict> {
  const { expected } = trial;
  const { state, usage } = parseOutput(statusJsonSchema, await place.run(['status', trial.name, '--json']));
  const { nodes } = await place.readRun(trial.name);
  const sendings = await countSendings(path.join(place.store, trial.name));
  const lacks = await learntLacks(place.home);
  const working = nodes.filter(({ status }) => status === 'working').length;
  const ran = nodes.filter(({ scriptSeconds }) => scriptSeconds !== null);
  const reviewed = ran.filter(({ lesson }) => lesson !== null).length;
  const surprises = [
    ...(expected.exitCodes.includes(ended.exitCode ?? -1)
      ? []
      : [`the exit code: ${String(ended.exitCode)}\n${ended.stdout}\n${ended.stderr}`]),
    ...unlike('the run', state, 'finished'),
    ...unlike('recorded nodes', nodes.length, STEPS),
    ...(expected.recorded === 'either'
      ? []
      : unlike('working nodes', working, expected.recorded === 'working' ? STEPS : 0)),
    ...unlike('nodes with a review', reviewed, expected.reviews === 'all' ? ran.length : 0),
    ...unlike('what was learnt', lacks.join(', '), expected.lacks.join(', ')),
    // A request that is refused for what it asks for costs nothing, and is sent again within the same attempt.
    ...(served >= sendings && served - sendings <= lacks.length
      ? []
      : [`${served} requests, ${sendings} by the files`]),
  ];
  const reasons = [...new Set(nodes.map(({ reason }) => reason).filter((reason) => reason !== null))];
  return {
    trial,
    exitCode: ended.exitCode,
    outcome: [`${state}, ${working} working`, `${nodes.length - working} failed`, ...reasons].join('\n'),
    calls: usage.calls,
    served,
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    lacks,
    seconds,
    surprises,
  };
}

function unlike(what: string, seen: unknown, expected: unknown): string[] {
  return seen === expected ? [] : [`${what}: ${String(seen)}, expected ${String(expected)}`];
}

/** Files that were written before a prompt was sent. */
async function countSendings(run: string): Promise<number> {
  const names = await readdir(run, { recursive: true });
  return names.filter((name) => /^attempt-\d+\.json$/.test(path.basename(name))).length;
}

const lacksFileSchema = z.object({
  models: z.record(z.string(), z.object({ lacks: z.record(z.string(), z.number()) })),
});

async function learntLacks(home: string): Promise<string[]> {
  const directory = path.join(home, 'endpoints');
  const files = await readdir(directory).catch(() => []);
  const texts = await Promise.all(files.map((name) => readFile(path.join(directory, name), 'utf8')));
  const known = texts.flatMap((text) => Object.values(lacksFileSchema.parse(JSON.parse(text)).models));
  return [...new Set(known.flatMap(({ lacks }) => Object.keys(lacks)))].sort();
}
