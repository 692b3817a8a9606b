import { readFile } from 'node:fs/promises';

/** Whether a process runs: there, and more than a name that nobody has asked for yet. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  return state !== '' && !'ZX'.includes(state);
}
