import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseMinFree, type MinFree } from '../store/disk-space';
import type { EnvironmentFile } from './environment-file';

/** The checkout (or installation) that this code was built from. */
export const PACKAGE_DIRECTORY = path.resolve(__dirname, '..', '..');

/** What a process of coppice knows of its machine; read once at its start. */
export interface Settings {
  /** COPPICE_HOME: embedded server, Python environment, working directories of scripts. */
  readonly home: string;
  /** COPPICE_STORE: the runs. */
  readonly store: string;
  /** COPPICE_TASKS: what relative task paths in a spec are resolved against. */
  readonly tasks: string;
  /** COPPICE_GRADE: what the grade worker keeps from everybody else. */
  readonly grade: string;
  /** Scripts this machine runs at once. */
  readonly slots: number;
  /** COPPICE_MIN_FREE: the room that has to stay free on the disks of home and store. */
  readonly minFree: MinFree;
  /** Environment of the process, for the model settings; of workers with what environment files add. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The files that were read for it; none but in workers. */
  readonly environmentFiles: readonly EnvironmentFile[];
}

export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  slots: number = defaultSlots(),
): Settings {
  const home = path.resolve(environment['COPPICE_HOME'] ?? path.join(PACKAGE_DIRECTORY, '.coppice'));
  return {
    home,
    store: path.resolve(environment['COPPICE_STORE'] ?? path.join(PACKAGE_DIRECTORY, 'runs')),
    tasks: path.resolve(environment['COPPICE_TASKS'] ?? PACKAGE_DIRECTORY),
    grade: path.resolve(environment['COPPICE_GRADE'] ?? path.join(home, 'grade')),
    slots,
    minFree: readMinFree(environment['COPPICE_MIN_FREE']),
    environment,
    environmentFiles: [],
  };
}

/** Of a value that cannot be understood the default holds; `coppice doctor` and workers tell of it. */
function readMinFree(text: string | undefined): MinFree {
  const value = text?.trim() ?? '';
  return parseMinFree(value === '' ? null : value) ?? parseMinFree(null) ?? ((): number => 0);
}

/** Half the cores, at least one: a script's libraries use threads of their own. */
function defaultSlots(): number {
  return Math.max(1, Math.floor(availableParallelism() / 2));
}
