import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process that has not ended; those that only wait to be reaped are left out. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** In the form that `processIdentity` uses. */
  readonly startTime: string;
}

/** Every process that this one can see. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  return process.platform === 'linux' ? listLinuxProcesses() : listPortableProcesses();
}

/**
 * Whether the process was started with `assignment` (`NAME=value`, or its beginning) in its environment. Known on
 * Linux only, and only for processes of the same user; false where it cannot be known.
 */
export async function startedWith(pid: number, assignment: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const environment = await readFile(`/proc/${pid}/environ`).catch(() => Buffer.alloc(0));
  const wanted = Buffer.from(assignment);
  return environment.subarray(0, wanted.length).equals(wanted) || environment.includes(`\0${assignment}`);
}

async function listLinuxProcesses(): Promise<ProcessEntry[]> {
  const names = await readdir('/proc');
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readLinuxProcess));
  return entries.filter((entry) => entry !== null);
}

async function readLinuxProcess(name: string): Promise<ProcessEntry | null> {
  const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
  // The command in parentheses may itself hold spaces and parentheses.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = rest[17];
  if (state === undefined || startTime === undefined || state === 'Z' || state === 'X') return null;
  return { pid: Number(name), parent: Number(parent), startTime };
}

async function listPortableProcesses(): Promise<ProcessEntry[]> {
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='], { env: environment });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    if (match?.[4] === undefined || match[3]?.startsWith('Z') === true) return [];
    return [{ pid: Number(match[1]), parent: Number(match[2]), startTime: match[4] }];
  });
}
