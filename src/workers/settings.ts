import { availableParallelism } from 'node:os';
import path from 'node:path';

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
  /** Environment of the process, for the model settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
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
    environment,
  };
}

/** Half the cores, at least one: a script's libraries use threads of their own. */
export function defaultSlots(): number {
  return Math.max(1, Math.floor(availableParallelism() / 2));
}
