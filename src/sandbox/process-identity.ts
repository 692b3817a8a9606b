import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Names one process for good: pids are used again, but not with the same start time in the same boot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time as the operating system counts it; only ever compared for equality. */
  readonly startTime: string;
  readonly bootId: string;
}

/** A value that changes with every boot of the machine. */
export async function bootId(): Promise<string> {
  if (process.platform === 'linux') return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const { stdout } = await run('sysctl', ['-n', 'kern.bootsessionuuid']);
  return stdout.trim();
}

/** The identity of a living process; null when there is none under `pid` or it has ended and only waits to be reaped. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | null> {
  const startTime = process.platform === 'linux' ? await linuxStartTime(pid) : await portableStartTime(pid);
  return startTime === null ? null : { pid, startTime, bootId: await bootId() };
}

/** Whether that very process, and not a later one under the same pid, is still alive. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  const current = await processIdentity(identity.pid);
  return current !== null && current.startTime === identity.startTime && current.bootId === identity.bootId;
}

async function linuxStartTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absent);
  // The second field, the command in parentheses, may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === 'Z' || state === 'X' ? null : startTime;
}

async function portableStartTime(pid: number): Promise<string | null> {
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const output = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env: environment }).catch(noSuchProcess);
  const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(output?.stdout ?? '');
  return match?.[2] === undefined || match[1]?.startsWith('Z') === true ? null : match[2];
}

function absent(error: unknown): null {
  // ESRCH: the process ended between opening and reading its file.
  if (['ENOENT', 'ESRCH'].includes(String(codeOf(error)))) return null;
  throw error;
}

/** `ps` ends with status 1 when no process has the pid; anything else is a fault of `ps` itself. */
function noSuchProcess(error: unknown): null {
  if (codeOf(error) === 1) return null;
  throw error;
}

/** Not by `instanceof Error`: the error may come from another realm. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
