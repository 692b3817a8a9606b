import { rename } from 'node:fs/promises';
import { errorCode } from '../store/store-error';
import { readAttemptFile } from './attempt-file';
import { controlDirectory, leavingDirectory, listRunAttempts, removeTree, type Attempt } from './attempts';
import { removeShortcut } from './prepare-attempt';
import { endTree } from './process-tree';
import { readSupervision, stopScript } from './supervised-script';

/** Ends what is left of an attempt's script, with all that it started, and removes what it had on this host. */
export async function endAttempt({ directory }: Pick<Attempt, 'directory'>): Promise<void> {
  const control = controlDirectory(directory);
  const file = await readAttemptFile(directory);
  if ((await readSupervision(control)).status === 'running') await stopScript(control);
  // A supervisor that is just starting must not find the files that tell it what to start.
  await rename(control, leavingDirectory(directory)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  if (file !== null) {
    await endTree(file.token);
    await removeShortcut(file.token);
  }
  await removeTree(directory);
  await removeTree(leavingDirectory(directory));
}

/** Removes what the attempts of a node's scripts left on this host, but nothing of a script that still runs. */
export async function removeAttempts(home: string, runId: string, nodeId: number): Promise<void> {
  for (const attempt of await listRunAttempts(home, runId)) {
    if (attempt.script.nodeId !== nodeId) continue;
    const supervision = await readSupervision(controlDirectory(attempt.directory));
    if (supervision.status !== 'running') await endAttempt(attempt);
  }
}
