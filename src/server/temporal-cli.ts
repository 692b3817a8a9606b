import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readRecord } from './json-record';
import { ServerError } from './server-error';

const run = promisify(execFile);

export interface TemporalCli {
  readonly path: string;
  /** Version of the CLI such as `1.9.1`. */
  readonly version: string;
}

/** First version of the CLI whose server has everything coppice relies on. */
const OLDEST_FITTING = [1, 9] as const;

/** What set-up writes to `setup.json`, as far as it concerns the CLI. */
const setupSchema = z.object({ temporal: z.string().optional() });

/**
 * The Temporal CLI to use: COPPICE_TEMPORAL_CLI, else the one set-up fetched into `home`, else `temporal` on PATH
 * when its version fits (1.9 or a later 1.x).
 *
 * @throws ServerError `no_temporal_cli` when there is none, or the one named by COPPICE_TEMPORAL_CLI cannot be run.
 */
export async function findTemporalCli(
  home: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TemporalCli> {
  const named = environment['COPPICE_TEMPORAL_CLI'];
  if (named !== undefined && named !== '') return namedCli(named);
  const fromSetup = await setUpCli(home);
  if (fromSetup !== null) return fromSetup;
  const onPath = await cliOnPath(environment['PATH'] ?? '');
  if (onPath !== null && isFitting(onPath.version)) return onPath;
  const found = onPath === null ? '' : ` (${onPath.path} is version ${onPath.version}, 1.9 or a later 1.x is needed)`;
  throw new ServerError(
    'no_temporal_cli',
    `No Temporal CLI was found${found}. Run \`npm run setup\`, or name one by COPPICE_TEMPORAL_CLI.`,
  );
}

async function namedCli(named: string): Promise<TemporalCli> {
  const version = await versionOf(named);
  if (version !== null) return { path: path.resolve(named), version };
  throw new ServerError(
    'no_temporal_cli',
    `COPPICE_TEMPORAL_CLI names ${named}, which does not run as a Temporal CLI. ` +
      'Correct it, or unset it and run `npm run setup`.',
  );
}

async function setUpCli(home: string): Promise<TemporalCli | null> {
  const setup = await readRecord(path.join(home, 'setup.json'), setupSchema);
  if (setup?.temporal === undefined) return null;
  const version = await versionOf(setup.temporal);
  return version === null ? null : { path: setup.temporal, version };
}

async function cliOnPath(searchPath: string): Promise<TemporalCli | null> {
  for (const directory of searchPath.split(path.delimiter).filter((entry) => entry !== '')) {
    const candidate = path.resolve(directory, 'temporal');
    const version = (await isExecutable(candidate)) ? await versionOf(candidate) : null;
    if (version !== null) return { path: candidate, version };
  }
  return null;
}

/** The version a command reports, such as `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`; null when it is no CLI. */
async function versionOf(command: string): Promise<string | null> {
  const output = await run(command, ['--version'], { timeout: 20_000 }).catch(() => null);
  return /temporal version (\d+\.\d+\.\d+\S*)/.exec(output?.stdout ?? '')?.[1] ?? null;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function isFitting(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === OLDEST_FITTING[0] && minor >= OLDEST_FITTING[1];
}
