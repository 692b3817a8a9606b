import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { tsToMs } from '@temporalio/common/lib/time';
import { Client, Connection } from '@temporalio/client';
import { isSameProcess } from '../../src/sandbox/process-identity';
import type { ProcessIdentity } from '../../src/sandbox/process-identity';
import { stopServer } from '../../src/server/embedded-server';
import { readDescription, readServer, writeDescription } from '../../src/server/server-description';
import type { ServerDescription } from '../../src/server/server-description';
import { findTemporalCli } from '../../src/server/temporal-cli';
import { waitUntil } from '../helpers/wait-until';
import { ServerHomes, freePort, occupy } from './server-homes';

const homes = new ServerHomes();

afterAll(() => homes.endAll());

async function kill(identity: ProcessIdentity): Promise<void> {
  process.kill(identity.pid, 'SIGKILL');
  await waitUntil('the process is gone', async () => !(await isSameProcess(identity)));
}

async function withClient<Result>(
  server: ServerDescription,
  action: (client: Client) => Promise<Result>,
): Promise<Result> {
  const connection = await Connection.connect({ address: server.address });
  return action(new Client({ connection })).finally(() => connection.close());
}

async function startWorkflow(server: ServerDescription, workflowId: string, argument = ''): Promise<void> {
  await withClient(server, (client) =>
    client.workflow.start('nobodyWorksOnThis', { taskQueue: 'nowhere', workflowId, args: [argument] }),
  );
}

async function ensureInOwnProcess(home: string): Promise<ChildProcess> {
  const program = path.join(__dirname, 'ensure-once.ts');
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), program, home], {
    detached: true,
    env: homes.environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await homes.rememberChild(child);
  return child;
}

async function reportedPid(child: ChildProcess): Promise<number> {
  for await (const line of createInterface(child.stdout!)) {
    const match = /^pid (\d+)$/.exec(line);
    if (match !== null) return Number(match[1]);
  }
  throw new Error('the process ended without a server');
}

test('of processes that ask at once one starts the server, and Ctrl-C in their terminals does not end it', async () => {
  const home = await homes.create();
  const children = await Promise.all([1, 2, 3].map(() => ensureInOwnProcess(home)));
  const pids = await Promise.all(children.map(reportedPid));
  expect(new Set(pids).size).toBe(1);

  for (const child of children) {
    const ended = once(child, 'exit');
    process.kill(-child.pid!, 'SIGINT');
    await ended;
  }
  const server = await homes.ensure(home);
  expect(server.pid).toBe(pids[0]);
  expect(await isSameProcess(server.keeper!)).toBe(true);
});

test('a server is described in server.json, keeps closed workflows for 30 days and can be stopped', async () => {
  const home = await homes.create();
  const port = await freePort();
  const server = await homes.ensure(home, { port });
  expect(server).toMatchObject({ address: `127.0.0.1:${port}`, state: 'ready', startedBy: 'demand' });
  expect(await readServer(home)).toEqual(server);
  const page = await fetch(server.uiUrl);
  expect(page.status).toBe(200);
  const { config } = await withClient(server, (client) =>
    client.workflowService.describeNamespace({ namespace: 'default' }),
  );
  expect(tsToMs(config?.workflowExecutionRetentionTtl)).toBe(720 * 3600 * 1000);

  expect(await stopServer(home)).toMatchObject({ pid: server.pid });
  expect(await isSameProcess(server)).toBe(false);
  expect(await isSameProcess(server.keeper!)).toBe(false);
  expect(await readDescription(home)).toBeNull();
  expect(await stopServer(home)).toBeNull();
});

test('a killed server comes back at its address with its workflows, and stays if it was to stay', async () => {
  const home = await homes.create();
  const first = await homes.ensure(home, { port: await freePort(), startedBy: 'command' });
  await startWorkflow(first, 'before-the-kill');
  await kill(first);
  expect(await readServer(home)).toBeNull();

  const second = await homes.ensure(home);
  expect(second.pid).not.toBe(first.pid);
  expect(second).toMatchObject({ address: first.address, startedBy: 'command' });
  const { status } = await withClient(second, (client) => client.workflow.getHandle('before-the-kill').describe());
  expect(status.name).toBe('RUNNING');
  await waitUntil('the first keeper leaves', async () => !(await isSameProcess(first.keeper!)));
});

test('a killed keeper is replaced while the server stays', async () => {
  const home = await homes.create();
  const first = await homes.ensure(home, { port: await freePort() });
  await kill(first.keeper!);
  const second = await homes.ensure(home);
  expect(second.pid).toBe(first.pid);
  expect(second.keeper!.pid).not.toBe(first.keeper!.pid);
  expect(await isSameProcess(second.keeper!)).toBe(true);
});

test('a server that its starter did not get ready is replaced', async () => {
  const home = await homes.create();
  const halfWay = await homes.ensure(home, { port: await freePort() });
  await writeDescription(home, { ...halfWay, state: 'starting', keeper: null });
  const server = await homes.ensure(home);
  expect(await isSameProcess(halfWay)).toBe(false);
  expect(server).toMatchObject({ state: 'ready', address: halfWay.address });
});

test('a named port in use is refused, with nothing left behind', async () => {
  const home = await homes.create();
  const port = await freePort();
  const release = await occupy(port);
  const refused = homes.ensure(home, { port }).finally(release);
  await expect(refused).rejects.toMatchObject({
    problem: 'port_taken',
    message: expect.stringContaining(`Port ${port}`) as string,
  });
  expect(await readDescription(home)).toBeNull();
});

test('a port other than that of the running server is refused', async () => {
  const home = await homes.create();
  const server = await homes.ensure(home, { port: await freePort() });
  await expect(homes.ensure(home, { port: await freePort() })).rejects.toMatchObject({ problem: 'other_port' });
  expect(await isSameProcess(server)).toBe(true);
});

test("another home's server is never used, also where the default port is taken", async () => {
  const [one, other] = [await homes.create(), await homes.create()];
  const first = await homes.ensure(one);
  const second = await homes.ensure(other);
  expect(second.port).not.toBe(first.port);
  expect(second.port).not.toBe(7233);
  await startWorkflow(first, 'only-in-the-first');
  const found = withClient(second, (client) => client.workflow.getHandle('only-in-the-first').describe());
  await expect(found).rejects.toThrow('not found');
});

test('a program that listens only on ::1 makes its port unfit, as localhost may lead there', async () => {
  const port = await freePort();
  const release = await occupy(port, '::1');
  const refused = homes.ensure(await homes.create(), { port }).finally(release);
  await expect(refused).rejects.toMatchObject({ problem: 'port_taken' });
});

test('a living process with the pid of a dead server is neither taken for it nor ended', async () => {
  const home = await homes.create();
  const bystander = await homes.bystander();
  const earlier = await homes.ensure(home, { port: await freePort() });
  await kill(earlier);
  const reused = { ...earlier, ...bystander, startTime: '1', keeper: { ...bystander, startTime: '1' } };
  await writeDescription(home, reused);
  expect(await readServer(home)).toBeNull();
  expect(await stopServer(home)).toBeNull();
  await writeDescription(home, reused);
  const server = await homes.ensure(home);
  expect(server.pid).not.toBe(bystander.pid);
  expect(await isSameProcess(bystander)).toBe(true);
});

test('a server that cannot start is an error with the end of its log, and its database is left as it is', async () => {
  const home = await homes.create();
  const { temporalVersion } = await homes.ensure(home, { port: await freePort() });
  await stopServer(home);
  const database = path.join(home, `temporal-${temporalVersion}.db`);
  const garbage = 'this is no database '.repeat(1000);
  await Promise.all(['-wal', '-shm'].map((part) => rm(`${database}${part}`, { force: true })));
  await writeFile(database, garbage);
  await expect(homes.ensure(home, { port: await freePort() })).rejects.toMatchObject({
    problem: 'start_failed',
    message: expect.stringContaining('file is not a database') as string,
  });
  expect(await readDescription(home)).toBeNull();
  expect(await readFile(database, 'utf8')).toBe(garbage);
});

test('a first start cut off while the database was made does not stand in the way of the next', async () => {
  const home = await homes.create();
  const { version } = await findTemporalCli(home, homes.environment());
  const database = path.join(home, `temporal-${version}.db`);
  const cutOff = homes.ensure(home, { port: await freePort() }).catch(() => null);
  await waitUntil('the database is there', () => existsSync(database));
  const starting = await readDescription(home);
  process.kill(starting!.pid, 'SIGKILL');
  await cutOff;
  await writeFile(database, 'only half a database');
  await rm(`${database}.complete`, { force: true });
  await stopServer(home);
  const server = await homes.ensure(home);
  await startWorkflow(server, 'after-all');
  expect(await readFile(`${database}.incomplete`, 'utf8')).toBe('only half a database');
});

test('further dynamic configuration reaches the server', async () => {
  const environment = homes.environment({
    COPPICE_SERVER_DYNAMIC_CONFIG: 'limit.blobSize.error=2000,limit.blobSize.warn=1000',
  });
  const server = await homes.ensure(await homes.create(), { port: await freePort(), environment });
  await startWorkflow(server, 'small', 'x'.repeat(100));
  await expect(startWorkflow(server, 'large', 'x'.repeat(4000))).rejects.toMatchObject({
    cause: { message: expect.stringContaining('Blob data size exceeds limit') as string },
  });
});

test('a server.json that is not ours is an error that names the file', async () => {
  const home = await homes.create();
  const file = path.join(home, 'server.json');
  await writeFile(file, '{"pid": 1}');
  await expect(homes.ensure(home)).rejects.toMatchObject({
    problem: 'broken_file',
    message: expect.stringContaining(file) as string,
  });
  expect(await readFile(file, 'utf8')).toBe('{"pid": 1}');
});
