import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { RunFile } from '../domain/run-files';
import { environmentPython } from './make-environment';

/** Where pinned environments are on this machine. */
export interface PinnedHost {
  /** COPPICE_HOME: set-up keeps environments there as `python-<packages>-<version>`. */
  readonly home: string;
  /** Interpreter of the environment in use now. */
  readonly pythonPath: string;
}

/**
 * The interpreter of the pinned environment that a run began with: the one in use, else one that an earlier set-up left.
 *
 * @throws ApplicationFailure of type `EnvironmentFailed` when this machine does not have it
 */
export async function pinnedPython(host: PinnedHost, run: Pick<RunFile, 'versions'>): Promise<string> {
  const { environment, python, coppice } = run.versions;
  if (environment === undefined || packagesOf(path.resolve(host.pythonPath, '..', '..')) === environment) {
    return host.pythonPath;
  }
  const kept = (await readdir(host.home)).filter((name) => packagesOf(name) === environment).sort();
  // Another patch version of Python is better than none.
  const ranked = [...kept.filter((name) => name.endsWith(`-${python}`)), ...kept];
  for (const name of ranked) {
    const interpreter = environmentPython(path.join(host.home, name));
    if (await isExecutable(interpreter)) return interpreter;
  }
  throw ApplicationFailure.create({
    message:
      `the run began with the Python packages of coppice ${coppice} (set ${environment}), which this machine does not ` +
      'have: check out that version and run "npm run setup" with the same COPPICE_HOME, then this one again; or fork the run',
    type: FailureType.EnvironmentFailed,
    nonRetryable: true,
  });
}

/** Null for a directory that is named otherwise, such as one of another layout. */
function packagesOf(directory: string): string | null {
  return /^python-([0-9a-f]{12})-[^/]+$/.exec(path.basename(directory))?.[1] ?? null;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
