import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess } from '../sandbox/process-identity';
import type { ProcessIdentity } from '../sandbox/process-identity';
import { hasCode } from './error-code';

const POLL_MS = 50;

/**
 * Ends that very process: SIGTERM, and SIGKILL when it is still there after `graceMs`. A later process under the
 * same pid is never touched.
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (!(await signal(identity, 'SIGTERM'))) return;
  if (await isGoneWithin(identity, graceMs)) return;
  if (await signal(identity, 'SIGKILL')) await isGoneWithin(identity, graceMs);
}

async function signal(identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  if (!(await isSameProcess(identity))) return false;
  try {
    return process.kill(identity.pid, name);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

async function isGoneWithin(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited < limitMs; waited += POLL_MS) {
    if (!(await isSameProcess(identity))) return true;
    await sleep(POLL_MS);
  }
  return !(await isSameProcess(identity));
}
