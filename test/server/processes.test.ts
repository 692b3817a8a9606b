import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isSameProcess, processIdentity } from '../../src/sandbox/process-identity';
import { endProcess } from '../../src/server/end-process';
import { createUseDetector } from '../../src/server/server-use';
import { parseLsof } from '../../src/server/tcp-sockets';
import type { TcpSocket } from '../../src/server/tcp-sockets';
import { waitUntil } from '../helpers/wait-until';

const children: ChildProcess[] = [];

afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

function start(command: string, parameters: readonly string[]): ChildProcess {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}

test('a process is known by its start time as well as its pid, and ended processes are not alive', async () => {
  const child = start('sleep', ['600']);
  const identity = (await processIdentity(child.pid!))!;
  expect(await isSameProcess(identity)).toBe(true);
  expect(await isSameProcess({ ...identity, startTime: `${identity.startTime}1` })).toBe(false);
  expect(await isSameProcess({ ...identity, bootId: 'an earlier boot' })).toBe(false);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(await processIdentity(child.pid!)).toBeNull();
});

test('a process that has ended but is not reaped is not alive', async () => {
  const parent = start('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 600']);
  const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await waitUntil('the unreaped child counts as gone', async () => (await processIdentity(pid)) === null);
  expect(() => process.kill(pid, 0)).not.toThrow();
});

test('a process that ignores SIGTERM is ended after the grace, and one with another start time never', async () => {
  const stubborn = start('sh', ['-c', "trap '' TERM; echo ready; while :; do sleep 1; done"]);
  await once(stubborn.stdout!, 'data');
  const identity = (await processIdentity(stubborn.pid!))!;
  await endProcess({ ...identity, startTime: '1' }, 200);
  expect(await isSameProcess(identity)).toBe(true);
  await endProcess(identity, 300);
  expect(await isSameProcess(identity)).toBe(false);
});

test("lsof's output is read: who listens, and which ends of connections belong to whom", () => {
  const output = [
    ...['p100', 'f7', 'n127.0.0.1:7233', 'TST=LISTEN', 'TQR=0', 'TQS=0'],
    ...['f8', 'n127.0.0.1:7233->127.0.0.1:50000', 'TST=ESTABLISHED'],
    ...['p300', 'f9', 'n127.0.0.1:50000->127.0.0.1:7233', 'TST=ESTABLISHED'],
    ...['f10', 'n[::1]:50001->[::1]:9000', 'TST=CLOSE_WAIT', ''],
  ].join('\n');
  expect(parseLsof(output, [100, 200])).toEqual([
    { state: 'listening', localPort: 7233, remotePort: 0, owner: 100 },
    { state: 'established', localPort: 7233, remotePort: 50000, owner: 100 },
    { state: 'established', localPort: 50000, remotePort: 7233, owner: null },
  ]);
});

describe('use of the server', () => {
  const [server, keeper] = [100, 200];
  const listening: TcpSocket = { state: 'listening', localPort: 7233, remotePort: 0, owner: server };
  const between = (port: number, owner: number | null): TcpSocket[] => [
    { state: 'established', localPort: 7233, remotePort: port, owner: server },
    { state: 'established', localPort: port, remotePort: 7233, owner },
  ];
  const closed = (port: number): TcpSocket => ({ state: 'closing', localPort: port, remotePort: 7233, owner: null });

  test('is a connection of somebody else, not one of the server with itself or with its keeper', () => {
    const isUsed = createUseDetector(server, keeper);
    expect(isUsed([listening, ...between(1, server), ...between(2, keeper)])).toBe(false);
    expect(isUsed([listening, ...between(1, server), ...between(3, null)])).toBe(true);
    expect(isUsed([listening, ...between(1, server)])).toBe(false);
  });

  test('is also a connection that came and went, counted once, but not the end of a known one', () => {
    const isUsed = createUseDetector(server, keeper);
    expect(isUsed([listening, closed(5), ...between(2, keeper)])).toBe(false);
    expect(isUsed([listening, closed(5), closed(2)])).toBe(false);
    expect(isUsed([listening, closed(5), closed(2), closed(6)])).toBe(true);
    expect(isUsed([listening, closed(6)])).toBe(false);
  });
});
