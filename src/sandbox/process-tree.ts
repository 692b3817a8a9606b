import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../store/store-error';
import { bootId, type ProcessIdentity } from './process-identity';
import { listProcesses, startedWith, type ProcessEntry } from './process-table';

/** Name of the environment variable by which a script's processes are found, also the detached ones. */
export const ATTEMPT_VARIABLE = 'COPPICE_ATTEMPT';

/** How long a tree has between SIGTERM and SIGKILL, in milliseconds. */
export const KILL_GRACE_MS = 5000;

/** How long SIGKILL is repeated before the tree counts as one that cannot be ended, in milliseconds. */
const GIVE_UP_MS = 60_000;

/** How a script's processes are known. */
export interface ProcessTree {
  /** The script's own process, which leads a process group; null when it is not known. */
  readonly leader: ProcessIdentity | null;
  /** The value of COPPICE_ATTEMPT, or its beginning. */
  readonly token: string;
  /**
   * Whether the leader is a child of this process, alive or ended just now. Its group is then surely the script's;
   * an earlier leader's number may belong to a stranger by now.
   */
  readonly ownChild: boolean;
}

/**
 * Ends every process of the tree and returns when none is left: SIGTERM (and SIGCONT, for frozen ones), a grace
 * period, SIGKILL until they are gone.
 *
 * @throws Error when a process survives a minute of SIGKILL (as in an uninterruptible read of a dead network disk)
 */
export async function endTree(tree: ProcessTree, graceMs: number = KILL_GRACE_MS): Promise<void> {
  const asked = new Set<string>();
  const startedAt = performance.now();
  for (let round = 0; ; round += 1) {
    const alive = await findMembers(tree);
    if (alive.length === 0) return;
    const elapsed = performance.now() - startedAt;
    if (elapsed > graceMs + GIVE_UP_MS) throw survivorsError(alive);
    for (const entry of alive) {
      if (elapsed >= graceMs) send(entry.pid, 'SIGKILL');
      else if (!asked.has(nameOf(entry))) askToEnd(entry);
      asked.add(nameOf(entry));
    }
    await sleep(Math.min(20 * (round + 1), 200));
  }
}

/** The processes of the tree that are alive: leader, its group, holders of the token, and all their descendants. */
export async function findMembers(tree: ProcessTree): Promise<ProcessEntry[]> {
  const entries = await listProcesses();
  const leader = tree.leader !== null && tree.leader.bootId === (await bootId()) ? tree.leader : null;
  const isLeader = (entry: ProcessEntry): boolean =>
    leader !== null && entry.pid === leader.pid && entry.startTime === leader.startTime;
  const groupIsOurs = leader !== null && (tree.ownChild || entries.some(isLeader) || isLeftGroup(leader.pid, entries));

  const members = new Map<number, ProcessEntry>();
  for (const entry of entries) {
    const inGroup = groupIsOurs && entry.group === leader.pid;
    if (isLeader(entry) || inGroup || (await startedWith(entry.pid, `${ATTEMPT_VARIABLE}=${tree.token}`))) {
      members.set(entry.pid, entry);
    }
  }
  addDescendants(members, entries);
  members.delete(process.pid);
  return [...members.values()];
}

/**
 * Without tokens (not Linux) a group whose leader is gone still counts: as long as it has members the system gives
 * its number to no new process.
 */
function isLeftGroup(leaderPid: number, entries: readonly ProcessEntry[]): boolean {
  return process.platform !== 'linux' && !entries.some((entry) => entry.pid === leaderPid);
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
