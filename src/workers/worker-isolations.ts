import { openIsolations, type Isolations } from '../sandbox/isolation/choose-isolation';
import { readPythonPath } from './python-path';
import type { Settings } from './settings';

/**
 * Finds out what this machine's worker can isolate scripts by.
 *
 * @throws Error when set-up has not been run for this COPPICE_HOME, or that cannot be written
 */
export async function openWorkerIsolations(settings: Settings): Promise<Isolations> {
  const { home, store, grade, environment } = settings;
  return openIsolations({
    home,
    hidden: [store, grade],
    pythonPath: await readPythonPath(settings),
    searchPath: environment['PATH'],
  });
}
