import { mkdir, mkdtemp, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeTree } from '../../src/sandbox/attempts';
import { openLeaseDirectory } from '../../src/sandbox/lease-directory';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-leases-test-'));
});

afterAll(() => removeTree(root));

test('it is one for all homes of a host, another for another host, and closed to others', async () => {
  const host = `host-${path.basename(root)}`;
  const directories = [await openLeaseDirectory({}, host), await openLeaseDirectory({}, host)];
  const other = await openLeaseDirectory({}, `${host}-2`);

  expect(new Set([...directories, other]).size).toBe(2);
  expect((await stat(other)).mode & 0o777).toBe(0o700);
  for (const made of [directories[0]!, other]) await removeTree(made);
});

test('COPPICE_LEASES sets it', async () => {
  const given = path.join(root, 'a', 'b');

  expect(await openLeaseDirectory({ COPPICE_LEASES: given }, 'host')).toBe(given);
  expect((await stat(given)).isDirectory()).toBe(true);
});

test('a link that lies there already is refused: whoever made it would hold the locks', async () => {
  await mkdir(path.join(root, 'theirs'));
  await symlink(path.join(root, 'theirs'), path.join(root, 'planted'));

  await expect(openLeaseDirectory({ COPPICE_LEASES: path.join(root, 'planted') }, 'host')).rejects.toThrow(
    'COPPICE_LEASES',
  );
});
