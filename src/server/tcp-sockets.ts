import { execFile } from 'node:child_process';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One end of a TCP connection on this machine. */
export interface TcpSocket {
  readonly state: 'listening' | 'established' | 'closing';
  readonly localPort: number;
  readonly remotePort: number;
  /** The process that holds it; null when that is none of those asked about. */
  readonly owner: number | null;
}

/** The TCP sockets of this machine, with the owner told for those that belong to one of `pids`. */
export async function tcpSockets(pids: readonly number[]): Promise<readonly TcpSocket[]> {
  return process.platform === 'linux' ? linuxSockets(pids) : lsofSockets(pids);
}

/** Whether the process `pid`, and nobody else, listens on `port`. */
export async function listensOn(pid: number, port: number): Promise<boolean> {
  const sockets = await tcpSockets([pid]);
  return sockets.some((socket) => socket.state === 'listening' && socket.localPort === port && socket.owner === pid);
}

/** States in /proc/net/tcp. TIME_WAIT (06) tells of a connection closed within the last minute. */
const LINUX_STATES: Readonly<Record<string, TcpSocket['state']>> = {
  '01': 'established',
  '06': 'closing',
  '0A': 'listening',
};

async function linuxSockets(pids: readonly number[]): Promise<readonly TcpSocket[]> {
  const owners = new Map<string, number>();
  for (const pid of pids) {
    for (const inode of await socketInodes(pid)) owners.set(inode, pid);
  }
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) => table.split('\n').slice(1)).flatMap((line) => linuxSocket(line, owners));
}

function linuxSocket(line: string, owners: ReadonlyMap<string, number>): TcpSocket[] {
  const fields = line.trim().split(/\s+/);
  const [local, remote, stateCode, inode] = [fields[1], fields[2], fields[3], fields[9]];
  if (local === undefined || remote === undefined || stateCode === undefined || inode === undefined) return [];
  const state = LINUX_STATES[stateCode];
  if (state === undefined) return [];
  return [{ state, localPort: hexPort(local), remotePort: hexPort(remote), owner: owners.get(inode) ?? null }];
}

function hexPort(endpoint: string): number {
  return Number.parseInt(endpoint.slice(endpoint.lastIndexOf(':') + 1), 16);
}

async function socketInodes(pid: number): Promise<string[]> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  // Descriptors close while they are read; those are of no interest.
  const links = await Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** lsof leaves out sockets that no process holds any more, so `closing` never occurs here. */
async function lsofSockets(pids: readonly number[]): Promise<readonly TcpSocket[]> {
  const output = await run('lsof', ['-nP', '-iTCP', '-FpnT'], { maxBuffer: 64 * 1024 * 1024 });
  return parseLsof(output.stdout, pids);
}

/** Reads lsof's field output: a `p` line for each process, then `f`, `n` and `T` lines for each of its sockets. */
export function parseLsof(output: string, pids: readonly number[]): readonly TcpSocket[] {
  const sockets: TcpSocket[] = [];
  let owner: number | null = null;
  let name = '';
  for (const line of output.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) owner = pids.includes(Number(value)) ? Number(value) : null;
    else if (line.startsWith('n')) name = value;
    else if (line.startsWith('TST=')) sockets.push(...lsofSocket(name, line.slice('TST='.length), owner));
  }
  return sockets;
}

function lsofSocket(name: string, stateName: string, owner: number | null): TcpSocket[] {
  const [local = '', remote = ''] = name.split('->');
  const state = { LISTEN: 'listening', ESTABLISHED: 'established' }[stateName];
  if (state !== 'listening' && state !== 'established') return [];
  return [{ state, localPort: decimalPort(local), remotePort: decimalPort(remote), owner }];
}

function decimalPort(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
}
