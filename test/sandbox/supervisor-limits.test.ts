import { readdir, readlink } from 'node:fs/promises';
import { SupervisedScene } from './supervised-scene';

const MIB = 1024 * 1024;

/** Keeps a supervisor from making control groups, as most users may make none. */
const WITHOUT_GROUPS = 'supervision.limits.make_control_group = lambda controller, limit: None';

/** Long enough for a script to be over before its limits are looked at; where there are no groups, looking finds it. */
const SELDOM = 'supervision.limits.LOOK_SECONDS = 2.0';

let scene: SupervisedScene;

beforeEach(async () => {
  scene = await SupervisedScene.open();
});

afterEach(() => scene.close());

const HOG = `
import time
hoard = []
for _ in range(200):
    hoard.append(b'x' * 10**7)
    time.sleep(0.01)
time.sleep(600)`;

/** Multiplies up to `most` processes and no further, so that the machine is safe also when nothing holds them. */
const bomb = (most: number): string => `
import os, time
for _ in range(${Math.ceil(Math.log2(most))}):
    try:
        os.fork()
    except BlockingIOError:
        pass
time.sleep(600)`;

describe('memory without bound', () => {
  it('ends a script by a control group or by polling, whichever the machine allows', async () => {
    const result = await scene.run(HOG, { memoryBytes: 300 * MIB });
    expect(result).toMatchObject({ end: 'memory', signal: 'SIGKILL' });
    expect(result.message).toMatch(/memory.* limit of 300 MiB$/);
    expect(result.peakMemoryBytes).toBeGreaterThanOrEqual(300 * MIB);
    expect(result.seconds).toBeLessThan(30);
  });

  it('ends a script by polling where no control group can be made', async () => {
    const result = await scene.runChanged(WITHOUT_GROUPS, HOG, { memoryBytes: 300 * MIB });
    expect(result).toMatchObject({ end: 'memory', signal: 'SIGKILL' });
    expect(result.message).toMatch(/^the script used 3\d\d(\.\d)? MiB of memory, more than its limit of 300 MiB$/);
    expect(result.peakMemoryBytes).toBeGreaterThanOrEqual(300 * MIB);
  });

  it('ends a script one of whose workers takes too much', async () => {
    const source = `
import multiprocessing, time
def hoard(_):
    x = b'x' * (700 * 2**20)
    time.sleep(600)
multiprocessing.set_start_method('fork')
multiprocessing.Pool(1).map(hoard, [1])`;
    for (const result of [
      await scene.run(source, { memoryBytes: 500 * MIB }),
      await scene.runChanged(WITHOUT_GROUPS, source, { memoryBytes: 500 * MIB }),
    ]) {
      expect(result.end).toBe('memory');
    }
  });

  it('counts memory that forked workers share only once', async () => {
    const source = `
import os, time
shared = b'x' * (200 * 2**20)
children = []
for _ in range(6):
    pid = os.fork()
    if pid == 0:
        time.sleep(1.5)
        os._exit(0)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
print('fine')`;
    const result = await scene.runChanged(WITHOUT_GROUPS, source, { memoryBytes: 400 * MIB });
    expect(result).toMatchObject({ end: 'exit', exitCode: 0, tail: 'fine\n' });
    expect(result.peakMemoryBytes).toBeGreaterThan(200 * MIB);
    expect(result.peakMemoryBytes).toBeLessThan(400 * MIB);
  });
});

describe('processes without bound', () => {
  it('end a script, and are all ended', async () => {
    const result = await scene.run(bomb(512), { processes: 100 });
    expect(result.end).toBe('processes');
    expect(result.message).toMatch(/limit of 100 processes and threads$/);
    expect(await runningIn(scene.root)).toEqual([]);
  });

  it('end a script also where only looking helps', async () => {
    const result = await scene.runChanged(WITHOUT_GROUPS, bomb(256), { processes: 100 });
    expect(result.end).toBe('processes');
    expect(result.message).toMatch(/^the script had \d+ processes and threads, more than its limit of 100/);
    expect(await runningIn(scene.root)).toEqual([]);
  });

  it('end a script also as threads', async () => {
    const source = `
import threading, time
for _ in range(150): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
time.sleep(600)`;
    expect((await scene.run(source, { processes: 100 })).end).toBe('processes');
    expect((await scene.runChanged(WITHOUT_GROUPS, source, { processes: 100 })).end).toBe('processes');
  });
});

describe('a script that ends as soon as the kernel refuses it a thread', () => {
  it('has reached its limit also when nobody has looked in between', async () => {
    const source = `
import os, threading, time
try:
    for _ in range(150): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
except RuntimeError: os._exit(1)
time.sleep(600)`;
    expect((await scene.runChanged(SELDOM, source, { processes: 100 })).end).toBe('processes');
  });
});

describe('disk without bound', () => {
  it('ends a script', async () => {
    const result = await scene.run(
      `
import time
for n in range(100):
    open(f'part-{n}', 'wb').write(b'x' * 2**20)
time.sleep(600)`,
      { diskBytes: 50 * MIB },
    );
    expect(result).toMatchObject({ end: 'disk', signal: 'SIGKILL' });
    expect(result.message).toMatch(/^the script filled \d+(\.\d+)? MiB of disk, more than its limit of 50 MiB$/);
  });

  it('ends a script that hides it in files without a name', async () => {
    const result = await scene.run(
      `
import os, time
files = []
for n in range(100):
    files.append(open(f'part-{n}', 'wb', buffering=0))
    os.unlink(f'part-{n}')
    files[-1].write(b'x' * 2**20)
time.sleep(600)`,
      { diskBytes: 50 * MIB },
    );
    expect(result.end).toBe('disk');
  });

  it('is not what thousands of small files, many names of one file or a link to elsewhere are', async () => {
    const result = await scene.run(
      `
import os, time
os.symlink('/usr', 'elsewhere')
open('large', 'wb').write(b'x' * 30 * 2**20)
for n in range(20): os.link('large', f'name-{n}')
for d in range(20):
    os.mkdir(f'd{d}')
    for n in range(1000): open(f'd{d}/{n}', 'w').close()
time.sleep(3)
print('fine')`,
      { diskBytes: 50 * MIB },
    );
    expect(result).toMatchObject({ end: 'exit', tail: 'fine\n' });
  });

  it('stops a single file at its limit', async () => {
    const result = await scene.run(`open('large', 'wb').write(b'x' * 2**21)`, { fileBytes: MIB });
    expect(result).toMatchObject({ end: 'exit', exitCode: 1 });
    expect(result.tail).toContain('File too large');
  });
});

/** Pids whose working directory lies below `directory`. */
async function runningIn(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => places[index]?.startsWith(directory) === true);
}
