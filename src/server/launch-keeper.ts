import path from 'node:path';
import type { ProcessIdentity } from '../sandbox/process-identity';
import type { Environment } from './launch-server';
import { serverFiles } from './server-files';
import { pickEnvironment, spawnDetached } from './spawn-detached';

const KEEPER_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'COPPICE_SERVER_IDLE_SECONDS'];

/** Starts the process that watches over the server of `home`; null when it ended at once. */
export async function launchKeeper(home: string, environment: Environment): Promise<ProcessIdentity | null> {
  return spawnDetached({
    command: process.execPath,
    parameters: [...keeperProgram(), home],
    environment: pickEnvironment(environment, KEEPER_VARIABLES),
    directory: home,
    log: serverFiles(home).keeperLog,
  });
}

/** Where this code runs from its sources, as in tests, the keeper does so too. */
function keeperProgram(): string[] {
  const program = path.join(__dirname, `keeper-main${path.extname(__filename)}`);
  return __filename.endsWith('.ts') ? ['--import', require.resolve('tsx'), program] : [program];
}
