import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { wasEntered } from '../../src/sandbox/isolation/entry';
import type { Isolation } from '../../src/sandbox/isolation/isolation';
import { processIsolation } from '../../src/sandbox/isolation/process';
import { scriptExit } from '../../src/sandbox/isolation/script-exit';
import { describeWithTool } from '../helpers/require-tool';
import { hasBubblewrap, IsolationScene, pinnedPython } from './isolated-script';

let scene: IsolationScene;
let server: Server;
let port: number;

beforeAll(async () => {
  scene = await IsolationScene.make();
  server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(async () => {
  server.close();
  await scene.close();
});

/** Everything that a script should not come by, at the places where it really is. */
async function hideTreasures(): Promise<Record<string, string>> {
  const treasures = {
    key: path.join(scene.home, 'key'),
    answers: path.join(scene.home, 'grade', 'run', 'labels.csv'),
    store: path.join(scene.store, 'run', 'nodes', '1', 'prompt.json'),
    otherRun: path.join(scene.home, 'work', 'other', '1-1', 'solution.py'),
    original: path.join(scene.root, 'original', 'train.csv'),
  };
  for (const place of Object.values(treasures)) {
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, 'treasure');
  }
  return treasures;
}

/** Prints the names of what it could read or reach. */
function hunter(treasures: Record<string, string>): string {
  return `
import os, socket
found = []
for name, place in ${JSON.stringify(treasures)}.items():
    try:
        if 'treasure' in open(place).read():
            found.append(name)
    except OSError:
        pass
try:
    socket.create_connection(('127.0.0.1', ${port}), timeout=5).close()
    found.append('port')
except OSError:
    pass
try:
    if open('/proc/${process.pid}/environ').read():
        found.append('environment')
except OSError:
    pass
print(*sorted(found))
`;
}

test('under process, a script that is given the paths finds everything, as doctor and header say', async () => {
  const run = await scene.run(processIsolation, hunter(await hideTreasures()));

  expect(run.output.trim()).toBe('answers environment key original otherRun port store');
});

describeWithTool('bubblewrap', hasBubblewrap, () => {
  let bubblewrap: Isolation;

  beforeAll(async () => {
    bubblewrap = await scene.bubblewrap();
  });

  test('a script that is given the very paths finds nothing', async () => {
    const run = await scene.run(bubblewrap, hunter(await hideTreasures()));

    expect(run).toMatchObject({ exitCode: 0, output: '\n' });
  });

  test('neither does one whose task mounts a directory above them', async () => {
    const treasures = await hideTreasures();
    const input = { ...scene.ownData(), hidden: [path.dirname(treasures['original']!)] };
    await writeFile(path.join(scene.root, 'meant'), 'treasure');
    const places = { ...treasures, meant: path.join(scene.root, 'meant') };
    const run = await scene.run(bubblewrap, hunter(places), { mounts: [scene.root] }, input);

    expect(run.output.trim()).toBe('meant');
  });

  test('with the network granted, the port is reached and nothing else', async () => {
    const run = await scene.run(bubblewrap, hunter(await hideTreasures()), { network: true });

    expect(run.output.trim()).toBe('port');
  });

  test('a script reads its data, writes into its own places and nowhere else', async () => {
    const run = await scene.run(
      bubblewrap,
      `
import os, tempfile
print(open('input/train.csv').read().split()[0], os.getcwd(), os.environ['HOME'], tempfile.gettempdir())
for place in ['working/a', '/tmp/a', '/dev/shm/a', os.path.expanduser('~/a'), 'a']:
    open(place, 'w').write('a')
for place in ['input/a', 'input/train.csv', 'solution.py', '/usr/a', '/a', '/etc/a', '/dev/a', '/proc/sys/kernel/core_pattern',
              '/sys/devices/system/cpu/cpu0/a']:
    try:
        open(place, 'r+' if os.path.exists(place) else 'w')
        print('wrote', place)
    except OSError:
        pass
for place in ['solution.py', 'input/train.csv', 'input']:
    try:
        os.rename(place, place + '-moved')
        print('moved', place)
    except OSError:
        pass
`,
    );

    expect(run.output.trim()).toBe('a,b /coppice /coppice/.home /tmp');
    expect(await readFile(path.join(run.directory, '.tmp', 'a'), 'utf8')).toBe('a');
    expect(await readFile(path.join(scene.data, 'train.csv'), 'utf8')).toBe('a,b\n1,2\n');
  });

  test('its own file system in memory is limited', async () => {
    const code = `open('/dev/shm/a', 'wb').write(bytes(${2 ** 26}))`;
    const resources = { memoryBytes: 2 ** 26, diskBytes: 1e9, fileBytes: 1e9, processes: 100 };
    const run = await scene.run(bubblewrap, code, { resources });

    expect(run.output).toContain('No space left on device');
  });

  test('it makes no namespaces of its own, in which it would have rights', async () => {
    const code = `
import ctypes
print(ctypes.CDLL(None, use_errno=True).unshare(0x10000000), [line for line in open('/proc/self/status') if 'CapEff' in line])
`;
    const run = await scene.run(bubblewrap, code);

    expect(run.output).toMatch(/^-1 \['CapEff:\\t0+\\n'\]/);
  });

  test('its environment is the short list, with what the machine has to offer', async () => {
    process.env['COPPICE_TEST_KEY'] = 'treasure';
    const code = 'import os, json; print(json.dumps(dict(os.environ)))';
    const run = await scene.run(bubblewrap, code, { seed: 4 });
    delete process.env['COPPICE_TEST_KEY'];

    expect(JSON.parse(run.output)).toMatchObject({ COPPICE_SEED: '4', OMP_NUM_THREADS: '3', LOKY_MAX_CPU_COUNT: '3' });
    expect(run.output).not.toContain('treasure');
    expect(run.output).not.toContain(scene.root);
  });

  test('the pinned packages work there, without complaints about the machine', async () => {
    const code = `
import warnings; warnings.simplefilter('error')
import getpass, os, socket, joblib, numpy
print(joblib.cpu_count(only_physical_cores=True) > 0, getpass.getuser(), os.path.expanduser('~'))
print(sum(joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(-i) for i in range(4))), socket.gethostbyname('localhost'))
`;
    const run = await scene.run(bubblewrap, code, { pythonPath: await pinnedPython() });

    expect(run.output).toBe('True coppice /coppice/.home\n6 127.0.0.1\n');
  });

  test('how the script ended is told as without it', async () => {
    const codes = ['import sys; sys.exit(3)', 'import os; os.kill(os.getpid(), 11)', 'raise ValueError'];
    const exits = [];
    for (const code of codes) exits.push(scriptExit('bubblewrap', await scene.run(bubblewrap, code)));

    expect(exits).toMatchObject([
      { exitCode: 3, signal: null },
      { exitCode: null, signal: 'SIGSEGV' },
      { exitCode: 1, signal: null },
    ]);
  });

  test('a sandbox that does not come up is told from a script that fails, also from one that pretends', async () => {
    const honest = await scene.run(bubblewrap, 'raise SystemExit(1)');
    const pretender = await scene.run(
      bubblewrap,
      `open('.entry', 'w').write('x' * 36); print('bwrap: no'); raise SystemExit(1)`,
    );
    const doomed = await scene.place(bubblewrap, '');
    await rm(path.join(doomed.directory, 'solution.py'));
    const broken = await scene.start(bubblewrap, doomed);

    const entered = await Promise.all(
      [honest, pretender, broken].map((run) => wasEntered(run.directory, scene.controlOf(run))),
    );
    expect(entered).toEqual([true, true, false]);
    expect([honest.exitCode, pretender.exitCode, broken.exitCode]).toEqual([1, 1, 1]);
  });

  test('what a task needs and this machine lacks is named', async () => {
    const placement = await scene.place(bubblewrap, '', { mounts: ['/no/such/cache'] });

    await expect(bubblewrap.command(placement)).rejects.toMatchObject({
      type: 'IsolationUnavailable',
      message: expect.stringContaining('/no/such/cache') as unknown,
    });
  });

  const canBeNobody = (): boolean =>
    spawnSync('setpriv', ['--reuid', '65534', '/usr/bin/python3', '-c', '']).status === 0;
  describeWithTool('setpriv and a Python of the system', canBeNobody, () => {
    test('it holds for an ordinary user as well', async () => {
      const treasures = await hideTreasures();
      const placement = await scene.place(bubblewrap, hunter(treasures), { pythonPath: '/usr/bin/python3' });
      const ways = [scene.root, scene.home, placement.directory, path.join(placement.directory, '.tmp')];
      for (const way of [...ways, path.join(placement.directory, '.entry')]) await chown(way, 65534, 65534);
      const launcher = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const run = await scene.start(bubblewrap, placement, launcher);

      expect(run).toMatchObject({ exitCode: 0, output: '\n' });
    });
  });
});
