import { readSetup } from './setup-facts';
import type { Settings } from './settings';

/**
 * The interpreter of the environment that set-up made.
 *
 * @throws Error when set-up has not been run for this COPPICE_HOME
 */
export async function readPythonPath(settings: Pick<Settings, 'home'>): Promise<string> {
  return (await readSetup(settings)).python;
}
