import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readServer } from '../../src/server/server-description';
import { findConnection, openClient, resolveConnection } from '../../src/workers/connect';
import { openNativeConnection } from '../../src/workers/connect-native';
import { readSettings } from '../../src/workers/settings';
import type { Settings } from '../../src/workers/settings';
import { ServerHomes, freePort } from './server-homes';

const homes = new ServerHomes();

afterAll(() => homes.endAll());

function settingsOf(home: string, more: Record<string, string> = {}): Settings {
  const neutral = { TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '' };
  return readSettings({ ...homes.environment(neutral), COPPICE_HOME: home, ...more });
}

test('without a word about another server the embedded one is used, and only started when it is needed', async () => {
  const home = await homes.create();
  const file = path.join(home, 'temporal.toml');
  await writeFile(file, '[profile.default]\naddress = "192.0.2.1:7233"\nnamespace = "elsewhere"\n');
  const settings = settingsOf(home, { TEMPORAL_CONFIG_FILE: file });
  expect(await findConnection({ settings })).toBeNull();
  expect(await readServer(home)).toBeNull();

  const resolved = await resolveConnection({ settings });
  const server = await readServer(home);
  expect(resolved).toMatchObject({ embedded: true, namespace: 'default', address: server!.address });
  expect(await findConnection({ settings })).toEqual(resolved);
  const { client, close } = await openClient(resolved);
  expect((await client.workflow.count()).count).toBe(0);
  await close();
  const native = await openNativeConnection(resolved);
  await native.close();
});

test('another server is used where an address or a profile says so, and nothing is started', async () => {
  const home = await homes.create();
  const other = await homes.ensure(await homes.create(), { port: await freePort() });
  const file = path.join(home, 'temporal.toml');
  await writeFile(file, `[profile.team]\naddress = "${other.address}"\nnamespace = "default"\n`);
  const ways = [
    { settings: settingsOf(home), address: other.address },
    { settings: settingsOf(home, { TEMPORAL_ADDRESS: other.address }) },
    { settings: settingsOf(home, { TEMPORAL_ADDRESS: '192.0.2.1:7233' }), address: other.address },
    { settings: settingsOf(home, { TEMPORAL_PROFILE: 'team', TEMPORAL_CONFIG_FILE: file }) },
  ];
  for (const wish of ways) {
    const resolved = await resolveConnection(wish);
    expect(resolved).toMatchObject({ embedded: false, server: null, address: other.address, namespace: 'default' });
    const { client, close } = await openClient(resolved);
    expect((await client.workflow.count()).count).toBe(0);
    await close();
  }
  expect(await readServer(home)).toBeNull();
});

test('a server that does not answer, and an unknown profile, are errors that say what to check', async () => {
  const home = await homes.create();
  const resolved = await resolveConnection({ settings: settingsOf(home), address: `127.0.0.1:${await freePort()}` });
  const expected = { problem: 'unreachable', message: expect.stringContaining(resolved.address) as string };
  await expect(openClient(resolved)).rejects.toMatchObject(expected);
  await expect(openNativeConnection(resolved)).rejects.toMatchObject(expected);
  const settings = settingsOf(home, { TEMPORAL_PROFILE: 'nobody', TEMPORAL_CONFIG_FILE: path.join(home, 'none.toml') });
  await expect(resolveConnection({ settings })).rejects.toMatchObject({
    problem: 'unreachable',
    message: expect.stringContaining('TEMPORAL_PROFILE') as string,
  });
});
