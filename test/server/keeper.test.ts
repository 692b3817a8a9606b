import { execFile } from 'node:child_process';
import { stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { isSameProcess } from '../../src/sandbox/process-identity';
import type { ProcessIdentity } from '../../src/sandbox/process-identity';
import { noteAlive, readDownMs } from '../../src/server/downtime';
import { stopServer } from '../../src/server/embedded-server';
import { readDescription } from '../../src/server/server-description';
import { serverFiles } from '../../src/server/server-files';
import { waitUntil } from '../helpers/wait-until';
import { ServerHomes, freePort } from './server-homes';

const run = promisify(execFile);
const homes = new ServerHomes();

const HOUR_MS = 3600 * 1000;

/** Well above the time that anything here takes, and well below the hour that is to be counted. */
const SLACK_MS = HOUR_MS / 2;

afterAll(() => homes.endAll());

async function isGone(identity: ProcessIdentity): Promise<boolean> {
  return !(await isSameProcess(identity));
}

async function kill(identity: ProcessIdentity): Promise<void> {
  process.kill(identity.pid, 'SIGKILL');
  await waitUntil('the process is gone', () => isGone(identity));
}

async function lastSign(home: string): Promise<number> {
  return (await stat(serverFiles(home).alive)).mtimeMs;
}

/** Makes the last sign of life an hour old, as if that much time had passed. */
async function anHourPasses(home: string): Promise<void> {
  const then = new Date(Date.now() - HOUR_MS);
  await utimes(serverFiles(home).alive, then, then);
}

async function nextSign(home: string): Promise<void> {
  const since = Date.now();
  await waitUntil('the keeper sees the server alive', async () => (await lastSign(home)) > since);
}

function idleAfter(seconds: number): { environment: Record<string, string | undefined> } {
  return { environment: homes.environment({ COPPICE_SERVER_IDLE_SECONDS: String(seconds) }) };
}

describe('a server started on demand', () => {
  test('ends by itself once nobody uses it, though a workflow is open, and not while a client is connected', async () => {
    const home = await homes.create();
    const server = await homes.ensure(home, { port: await freePort(), ...idleAfter(3) });
    const connection = await Connection.connect({ address: server.address });
    await new Client({ connection }).workflow.start('waits', { taskQueue: 'nowhere', workflowId: 'open', args: [] });
    await sleep(9000);
    expect(await isSameProcess(server)).toBe(true);

    await connection.close();
    await waitUntil('the server and its keeper end', async () => (await isGone(server)) && isGone(server.keeper!));
    expect(await readDescription(home)).toBeNull();
  });

  test('stays while somebody asks for it or opens the Web UI now and then', async () => {
    const home = await homes.create();
    const server = await homes.ensure(home, { port: await freePort(), ...idleAfter(6) });
    const uses = [
      () => run(server.temporalCli, ['workflow', 'list', '--address', server.address]),
      () => fetch(server.uiUrl, { headers: { connection: 'close' } }).then((page) => page.text()),
      () => homes.ensure(home, idleAfter(6)),
    ];
    for (let round = 0; round < 6; round += 1) {
      // Where the system does not show closed connections, only asking counts.
      await uses[process.platform === 'linux' ? round % uses.length : 2]!();
      await sleep(3000);
    }
    expect(await isSameProcess(server)).toBe(true);
    await waitUntil('the server ends', () => isGone(server));
  });

  test('stays for good once it was asked for by command, until it is stopped', async () => {
    const home = await homes.create();
    const onDemand = await homes.ensure(home, { port: await freePort(), ...idleAfter(2) });
    const byCommand = await homes.ensure(home, { startedBy: 'command', ...idleAfter(2) });
    expect(byCommand).toMatchObject({ pid: onDemand.pid, startedBy: 'command' });
    await homes.ensure(home, idleAfter(2));
    await sleep(9000);
    expect(await isSameProcess(onDemand)).toBe(true);
    await stopServer(home);
    expect(await isGone(onDemand)).toBe(true);
  });
});

describe('downtime', () => {
  test('counts the time a server was suspended, also while it lasts', async () => {
    const home = await homes.create();
    const server = await homes.ensure(home, { port: await freePort() });
    await nextSign(home);
    expect(await readDownMs(home)).toBe(0);

    process.kill(server.pid, 'SIGSTOP');
    await waitUntil('the keeper sees no sign of life', async () => Date.now() - (await lastSign(home)) > 5000);
    await anHourPasses(home);
    const sofar = await readDownMs(home);
    expect(sofar).toBeGreaterThanOrEqual(HOUR_MS);

    process.kill(server.pid, 'SIGCONT');
    await nextSign(home);
    const total = await readDownMs(home);
    expect(total).toBeGreaterThanOrEqual(sofar);
    expect(total).toBeLessThan(HOUR_MS + SLACK_MS);
    await nextSign(home);
    expect(await readDownMs(home)).toBe(total);
  });

  test('counts the time everything was dead, once', async () => {
    const home = await homes.create();
    const server = await homes.ensure(home, { port: await freePort() });
    await kill(server.keeper!);
    await kill(server);
    await anHourPasses(home);

    await homes.ensure(home);
    const total = await readDownMs(home);
    expect(total).toBeGreaterThanOrEqual(HOUR_MS);
    expect(total).toBeLessThan(HOUR_MS + SLACK_MS);
    await nextSign(home);
    expect(await readDownMs(home)).toBe(total);
  });

  test('is not what passes while only the keeper is dead', async () => {
    const home = await homes.create();
    const server = await homes.ensure(home, { port: await freePort() });
    await kill(server.keeper!);
    await anHourPasses(home);
    expect((await homes.ensure(home)).pid).toBe(server.pid);
    await nextSign(home);
    expect(await readDownMs(home)).toBe(0);
  });

  test('of a gap is counted once when its counting was cut off before the new sign of life', async () => {
    const home = await homes.create();
    const [before, after] = [await homes.bystander(), await homes.bystander()];
    await noteAlive(home, before, 'again');
    await anHourPasses(home);
    await noteAlive(home, after, 'again');
    const total = await readDownMs(home);
    await anHourPasses(home);
    await noteAlive(home, after, 'again');
    expect(total).toBeGreaterThanOrEqual(HOUR_MS);
    expect(await readDownMs(home)).toBeLessThan(total + SLACK_MS);
  });
});
