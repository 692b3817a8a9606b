import { Client, Connection } from '@temporalio/client';
import { isSameProcess } from '../../src/sandbox/process-identity';
import type { ProcessIdentity } from '../../src/sandbox/process-identity';
import { stopServer } from '../../src/server/embedded-server';
import { readServer } from '../../src/server/server-description';
import type { ServerDescription } from '../../src/server/server-description';
import { watchServer } from '../../src/server/watch-server';
import { temporalCliPath } from '../helpers/temporal-cli';
import { waitUntil } from '../helpers/wait-until';
import { ServerHomes, freePort, occupy } from './server-homes';

const homes = new ServerHomes();

beforeAll(() => {
  process.env['COPPICE_TEMPORAL_CLI'] = temporalCliPath();
});

afterAll(() => homes.endAll());

async function kill(identity: ProcessIdentity): Promise<void> {
  process.kill(identity.pid, 'SIGKILL');
  await waitUntil('the process is gone', async () => !(await isSameProcess(identity)));
}

interface Watched {
  readonly restarts: ServerDescription[];
  readonly problems: string[];
  stop(): Promise<void>;
}

function watch(home: string, server: ServerDescription): Watched {
  const abort = new AbortController();
  const restarts: ServerDescription[] = [];
  const problems: string[] = [];
  const end = watchServer({
    home,
    server,
    onRestart: (restarted) => {
      homes.remember(restarted);
      restarts.push(restarted);
    },
    onProblem: (message) => problems.push(message),
    signal: abort.signal,
  });
  return {
    restarts,
    problems,
    stop: () => {
      abort.abort();
      return end;
    },
  };
}

test('a watched server comes back at its address after kill -9, as often as it is killed, and clients go on', async () => {
  const home = await homes.create();
  const server = await homes.ensure(home, { port: await freePort() });
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  await client.workflow.start('waits', { taskQueue: 'nowhere', workflowId: 'open', args: [] });
  const watched = watch(home, server);
  await kill(server);
  await waitUntil('the first restart', () => watched.restarts.length === 1);
  await kill(watched.restarts[0]!);
  await kill(watched.restarts[0]!.keeper!);
  await waitUntil('the second restart', () => watched.restarts.length === 2);
  expect(watched.restarts.map(({ address }) => address)).toEqual([server.address, server.address]);
  const { status } = await client.workflow.getHandle('open').describe();
  expect(status.name).toBe('RUNNING');
  expect(watched.problems).toEqual([]);

  await stopServer(home);
  await waitUntil('a stopped server comes back for the worker', () => watched.restarts.length === 3);
  expect(watched.restarts[2]!.address).toBe(server.address);
  await watched.stop();
  await connection.close();
});

test('a killed keeper is replaced without a restart of the server', async () => {
  const home = await homes.create();
  const server = await homes.ensure(home, { port: await freePort() });
  const watched = watch(home, server);
  await kill(server.keeper!);
  await waitUntil('another keeper', async () => {
    const keeper = (await readServer(home))?.keeper;
    return keeper != null && keeper.pid !== server.keeper!.pid && (await isSameProcess(keeper));
  });
  expect(await isSameProcess(server)).toBe(true);
  await watched.stop();
  expect(watched.restarts).toEqual([]);
});

test('a server whose port was taken in the meantime is reported once, and comes back when the port is free', async () => {
  const home = await homes.create();
  const server = await homes.ensure(home, { port: await freePort() });
  await kill(server);
  const release = await occupy(server.port);
  const watched = watch(home, server);
  try {
    await waitUntil('the problem is told', () => watched.problems.length > 0);
    expect(watched.problems[0]).toContain(`Port ${server.port}`);
    expect(watched.problems[0]).toContain(server.address);
  } finally {
    await release();
  }
  await waitUntil('the server is back', () => watched.restarts.length === 1);
  expect(watched.restarts[0]!.address).toBe(server.address);
  expect(watched.problems).toHaveLength(1);
  await watched.stop();
});

test('a server that came back elsewhere is told to those connected to its old address', async () => {
  const home = await homes.create();
  const old = await homes.ensure(home, { port: await freePort() });
  await stopServer(home);
  const moved = await homes.ensure(home, { port: await freePort() });
  const watched = watch(home, old);
  await waitUntil('the move is told', () => watched.problems.length > 0);
  await watched.stop();
  expect(watched.problems[0]).toContain(moved.address);
  expect(watched.problems[0]).toContain(old.address);
});
