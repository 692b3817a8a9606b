import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { errorCode } from '../store/store-error';

type Environment = Readonly<Record<string, string | undefined>>;

/** A file of environment variables that was read. Values are in {@link ReadEnvironment} alone. */
export interface EnvironmentFile {
  readonly path: string;
  /** Variables that count. */
  readonly names: readonly string[];
  /** Variables that the process has anyway, or that an earlier file gives. */
  readonly overruled: readonly string[];
  /** Variables that only count in the process's own environment. */
  readonly ignored: readonly string[];
}

/** A process's environment with what the files add to it. */
export interface ReadEnvironment {
  readonly environment: Environment;
  readonly files: readonly EnvironmentFile[];
}

/** The environment cannot be told, since a file of it cannot be read. */
export class EnvironmentFileError extends Error {
  override readonly name = 'EnvironmentFileError';
}

const FILE_NAME = '.env';

/**
 * What other commands read as well, or a process only at its start: in a file that they do not read it would lead them
 * elsewhere than the worker.
 */
const ONLY_REAL =
  /^(?:COPPICE_(?:HOME|STORE|TASKS|GRADE|LEASES|SERVER_.*|TEMPORAL_CLI|ENV_FILE)|TEMPORAL_.*|NODE_.*|LD_.*|PYTHON.*|PATH|HOME|TMPDIR|SHELL)$/;

/**
 * Adds to a process's environment what stands in environment files: the one that COPPICE_ENV_FILE names, else `.env` in
 * the working directory, and then `.env` in COPPICE_HOME. The real environment wins, then the first file. The process
 * itself is not changed, so that nothing that it starts inherits the values.
 *
 * @throws EnvironmentFileError when the file that COPPICE_ENV_FILE names is missing, or one cannot be read
 */
export function readEnvironmentFiles(
  environment: Environment,
  workingDirectory: string,
  home: string,
): ReadEnvironment {
  const named = environment['COPPICE_ENV_FILE']?.trim() ?? '';
  const first = named === '' ? path.join(workingDirectory, FILE_NAME) : path.resolve(workingDirectory, named);
  const places = [...new Set([first, path.join(home, FILE_NAME)])];
  const files: EnvironmentFile[] = [];
  let merged = environment;
  for (const place of places) {
    const values = readFile(place, named !== '' && place === first);
    if (values === null) continue;
    const names = Object.keys(values);
    const taken = names.filter((name) => !ONLY_REAL.test(name) && (merged[name] ?? '') === '');
    files.push({
      path: place,
      names: taken,
      overruled: names.filter((name) => !ONLY_REAL.test(name) && !taken.includes(name)),
      ignored: names.filter((name) => ONLY_REAL.test(name)),
    });
    merged = { ...merged, ...Object.fromEntries(taken.map((name) => [name, values[name]])) };
  }
  return { environment: merged, files };
}

/** Null when there is none and none has to be. */
function readFile(place: string, isNamed: boolean): NodeJS.Dict<string> | null {
  try {
    return parseEnv(readFileSync(place, 'utf8'));
  } catch (error) {
    const code = errorCode(error);
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')) return null;
    const what = isNamed ? 'COPPICE_ENV_FILE names' : 'the environment file';
    throw new EnvironmentFileError(`${what} ${place}, which cannot be read (${code ?? String(error)})`);
  }
}
