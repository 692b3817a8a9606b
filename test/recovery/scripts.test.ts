import path from 'node:path';
import { z } from 'zod';
import { processFileSchema } from '../../src/domain/node-record';
import { isSameProcess } from '../../src/sandbox/process-identity';
import { Scene } from './scene';
import { expectBought, expectWhole } from './whole-run';

jest.setTimeout(240_000);

const testimonySchema = z.object({
  directory: z.string(),
  pids: z.array(z.number()),
  /** Processes of earlier attempts that were alive when this one began. */
  stillAlive: z.array(z.number()),
});

/**
 * A script with a child in a session of its own; neither heeds SIGTERM. It writes down which processes of earlier
 * attempts it met, and works for ten minutes unless it met any trace of one.
 */
function witness(file: string): string {
  return `Plan: bear witness.

\`\`\`python
import json, os, signal, subprocess, sys, time

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


earlier = []
if os.path.exists(${JSON.stringify(file)}):
    with open(${JSON.stringify(file)}) as lines:
        earlier = [json.loads(line) for line in lines]
still_alive = [pid for one in earlier for pid in one["pids"] if is_alive(pid)]
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
with open(${JSON.stringify(file)}, "a") as lines:
    testimony = {"directory": os.getcwd(), "pids": [os.getpid(), child.pid], "stillAlive": still_alive}
    lines.write(json.dumps(testimony) + "\\n")
if not earlier:
    time.sleep(600)
child.kill()
print("metric: 0.5")
\`\`\`
`;
}

describe('the script that runs when its worker goes away', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.model.control.clearRules());
  afterAll(() => scene.close());

  it('is ended by an orderly shutdown, with all that it started, and run again by the next worker', async () => {
    const worker = await startWitness('ended');
    worker.signal('SIGTERM');
    const { exitCode } = await worker.ended;
    expect(exitCode).toBe(0);
    expect(await scene.place.scripts('ended')).toEqual([]);

    await expectSecondAttempt('ended');
  });

  it('outlives a kill of its worker, and is ended before the next attempt begins elsewhere', async () => {
    const worker = await startWitness('orphaned');
    const before = processFileSchema.parse(JSON.parse((await scene.place.read('orphaned/nodes/1/process.json')) ?? ''));
    await worker.kill();
    expect(await isSameProcess(before)).toBe(true);

    await expectSecondAttempt('orphaned');
    expect(await isSameProcess(before)).toBe(false);
    const after = processFileSchema.parse(JSON.parse((await scene.place.read('orphaned/nodes/1/process.json')) ?? ''));
    expect([before.attempt, after.attempt]).toEqual([1, 2]);
    expect(after.directory).not.toBe(before.directory);
  });

  async function startWitness(runId: string) {
    scene.model.control.addRules({ purpose: 'draft', action: { type: 'answer', text: witness(fileOf(runId)) } });
    const worker = await scene.ensureWorker();
    await scene.start(runId, scene.spec({ steps: 1 }));
    await scene.untilFile(`../testimony-${runId}`);
    await scene.untilFile(`${runId}/nodes/1/process.json`);
    return worker;
  }

  async function expectSecondAttempt(runId: string): Promise<void> {
    await scene.ensureWorker();
    const run = await scene.untilFinished(runId);
    const lines = ((await scene.place.read(`../testimony-${runId}`)) ?? '').trim().split('\n');
    const [first, second, ...more] = lines.map((line) => testimonySchema.parse(JSON.parse(line)));
    expect(more).toEqual([]);
    expect(second?.stillAlive).toEqual([]);
    expect(second?.directory).not.toBe(first?.directory);
    expectBought(scene, runId);
    await expectWhole(scene, runId, run, 1);
  }

  function fileOf(runId: string): string {
    return path.join(scene.place.store, '..', `testimony-${runId}`);
  }
});
