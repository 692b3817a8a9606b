import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../store/store-error';
import { listProcesses, startedWith, type ProcessEntry } from './process-table';

/** Name of the environment variable by which a script's processes are found, also the detached ones. */
export const ATTEMPT_VARIABLE = 'COPPICE_ATTEMPT';

/** How long a tree has between SIGTERM and SIGKILL, in milliseconds. */
export const KILL_GRACE_MS = 5000;

/** How long SIGKILL is repeated before the tree counts as one that cannot be ended, in milliseconds. */
const GIVE_UP_MS = 60_000;

/**
 * Ends every process whose COPPICE_ATTEMPT begins with `token`, and all that these started, and returns when none is
 * left: SIGTERM (and SIGCONT, for frozen ones), a grace period, SIGKILL until they are gone. For what a killed
 * supervisor left: a living one ends its script itself. Where no environment of a process can be read (not Linux) this
 * finds nothing, and the supervisor's guard alone has to do it.
 *
 * @throws Error when a process survives a minute of SIGKILL (as in an uninterruptible read of a dead network disk)
 */
export async function endTree(token: string): Promise<void> {
  const asked = new Set<string>();
  const startedAt = performance.now();
  for (let round = 0; ; round += 1) {
    const alive = await findMembers(token);
    if (alive.length === 0) return;
    const elapsed = performance.now() - startedAt;
    if (elapsed > KILL_GRACE_MS + GIVE_UP_MS) throw survivorsError(alive);
    for (const entry of alive) {
      if (elapsed >= KILL_GRACE_MS) send(entry.pid, 'SIGKILL');
      else if (!asked.has(nameOf(entry))) askToEnd(entry);
      asked.add(nameOf(entry));
    }
    await sleep(Math.min(20 * (round + 1), 200));
  }
}

async function findMembers(token: string): Promise<ProcessEntry[]> {
  const entries = await listProcesses();
  const members = new Map<number, ProcessEntry>();
  for (const entry of entries) {
    if (await startedWith(entry.pid, `${ATTEMPT_VARIABLE}=${token}`)) members.set(entry.pid, entry);
  }
  addDescendants(members, entries);
  members.delete(process.pid);
  return [...members.values()];
}

function addDescendants(members: Map<number, ProcessEntry>, entries: readonly ProcessEntry[]): void {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of entries) children.set(entry.parent, [...(children.get(entry.parent) ?? []), entry]);
  const open = [...members.values()];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    for (const child of children.get(entry.pid) ?? []) {
      if (members.has(child.pid)) continue;
      members.set(child.pid, child);
      open.push(child);
    }
  }
}

function askToEnd(entry: ProcessEntry): void {
  send(entry.pid, 'SIGTERM');
  send(entry.pid, 'SIGCONT');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it ended since it was listed. EPERM: it changed its user; the next round finds it again.
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}

function nameOf(entry: ProcessEntry): string {
  return `${entry.pid} ${entry.startTime}`;
}

function survivorsError(alive: readonly ProcessEntry[]): Error {
  const pids = alive.map((entry) => entry.pid).join(', ');
  return new Error(`the script's processes ${pids} survive SIGKILL; look at them with "ps" and end them or reboot`);
}
