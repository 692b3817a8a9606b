import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lastLine } from '../../src/sandbox/live-output';
import { readSupervision, stopScript } from '../../src/sandbox/supervised-script';
import type { SupervisorSpec } from '../../src/sandbox/supervisor-files';
import { waitUntil } from '../helpers/wait-until';
import { SupervisedScene, type SupervisedScript } from './supervised-scene';

let scene: SupervisedScene;
const { PATH } = process.env;

beforeEach(async () => {
  scene = await SupervisedScene.open();
});

afterEach(async () => {
  process.env['PATH'] = PATH;
  await scene.close();
});

function slots(count: number): Pick<SupervisorSpec, 'leases'> {
  return { leases: { directory: path.join(scene.root, 'leases'), slots: count } };
}

function gpus(count: number): Pick<SupervisorSpec, 'gpus'> {
  const candidates = [0, 1].map((index) => ({ index, uuid: `GPU-${index}`, arguments: ['--gpu', String(index)] }));
  return { gpus: { count, candidates } };
}

/** Puts a command in the place of the driver's that tells how much memory of each GPU is in use, in MiB. */
async function pretendGpus(used: readonly [number, number]): Promise<void> {
  const directory = path.join(scene.root, 'bin');
  await mkdir(directory, { recursive: true });
  const lines = used.map((mebibytes, index) => `echo "GPU-${index}, ${mebibytes}"`);
  await writeFile(path.join(directory, 'nvidia-smi'), ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path.join(directory, 'nvidia-smi'), 0o755);
  process.env['PATH'] = `${directory}:${PATH}`;
}

async function leaseOf(script: SupervisedScript): Promise<{ readonly slot: number; readonly gpus: readonly number[] }> {
  await waitUntil('the script has started', async () => (await startedOf(script)) !== null, 10_000);
  const started = await startedOf(script);
  if (started === null) throw new Error('the script has ended meanwhile');
  return { slot: started.slot, gpus: started.gpus };
}

async function startedOf({ control }: SupervisedScript): ReturnType<typeof readStarted> {
  return readStarted(control);
}

async function readStarted(control: string): Promise<{ slot: number; gpus: number[] } | null> {
  const seen = await readSupervision(control);
  return seen.status === 'running' ? seen.started : null;
}

const SLEEP = 'import time; time.sleep(600)';

describe('the slots of a machine', () => {
  it('let scripts run one after the other, and waiting counts against no limit', async () => {
    const source = `
import time
with open('../times', 'a') as times: print('start', time.time(), file=times)
time.sleep(1)
with open('../times', 'a') as times: print('end', time.time(), file=times)`;
    const limit = { ...slots(1), limitSeconds: 1.8 };
    const scripts = await Promise.all([scene.start(source, limit), scene.start(source, limit)]);
    const results = await Promise.all(scripts.map((script) => scene.resultOf(script)));
    for (const result of results) expect(result).toMatchObject({ end: 'exit', exitCode: 0, limitSeconds: 1.8 });
    const lines = (await readFile(path.join(scene.root, 'times'), 'utf8')).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['start', 'end', 'start', 'end', '']);
  });

  it('are held while a script runs and free when it has ended, also by force', async () => {
    const first = await scene.start(SLEEP, slots(2));
    expect(await leaseOf(first)).toMatchObject({ slot: 0 });
    const second = await scene.start(SLEEP, slots(2));
    expect(await leaseOf(second)).toMatchObject({ slot: 1 });
    const third = await scene.start(SLEEP, slots(2));
    await waitUntil('it says what it waits for', async () => {
      return (await lastLine(third.control)) === 'waits for one of the 2 slots of this machine';
    });
    const seen = await readSupervision(first.control);
    if (seen.status === 'running') process.kill(seen.identity.pid, 'SIGKILL');
    expect(await leaseOf(third)).toMatchObject({ slot: 0 });
    expect(await lastLine(third.control)).toBe('');
  });

  it('are not waited for longer than anything may run', async () => {
    const first = await scene.start(SLEEP, slots(1));
    await leaseOf(first);
    const result = await scene.run(SLEEP, { ...slots(1), endBefore: Date.now() / 1000 + 1 });
    expect(result).toMatchObject({ end: 'no_time', exitCode: null });
  });
});

describe('the GPUs of a machine', () => {
  it('go to one script at a time, whose command and environment name them', async () => {
    await pretendGpus([5, 5]);
    const source =
      'import os, sys, time; print(sys.argv[1:], os.environ["CUDA_VISIBLE_DEVICES"], flush=True); time.sleep(600)';
    const command = [scene.pythonPath, 'solution.py', '{gpu-devices}', 'last'];
    const first = await scene.start(source, { ...slots(3), ...gpus(1), command });
    const second = await scene.start(source, { ...slots(3), ...gpus(1), command });
    const leased = [(await leaseOf(first)).gpus, (await leaseOf(second)).gpus].flat();
    expect([...leased].sort()).toEqual([0, 1]);
    await scene.waitForOutput(first, `['--gpu', '${leased[0]}', 'last'] GPU-${leased[0]}\n`);
    const third = await scene.start(source, { ...slots(3), ...gpus(1), command });
    await waitUntil('it waits', async () => (await lastLine(third.control)) === 'waits for 1 of 2 GPUs');
    // What waits for a GPU keeps no slot from others.
    expect(await scene.run('print(1)', slots(3))).toMatchObject({ end: 'exit', exitCode: 0 });
    await stopScript(first.control);
    expect((await leaseOf(third)).gpus).toEqual([leased[0]]);
  });

  it('that others compute on are left alone, and a script that waits for one says so', async () => {
    await pretendGpus([4000, 5]);
    const first = await scene.start(SLEEP, { ...slots(3), ...gpus(1) });
    expect((await leaseOf(first)).gpus).toEqual([1]);
    const second = await scene.start(SLEEP, { ...slots(3), ...gpus(1) });
    await waitUntil('it says so', async () => {
      return (await lastLine(second.control)) === 'waits for 1 of 2 GPUs (GPU 0 has 4000 MiB in use by others)';
    });
  });

  it('are hidden from a script that asks for none', async () => {
    const result = await scene.run('import os; print(repr(os.environ["CUDA_VISIBLE_DEVICES"]))');
    expect(result.tail).toBe("''\n");
  });
});
