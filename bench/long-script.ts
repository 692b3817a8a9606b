/*
 * `npm run bench:long-script [-- CASE …]`: scripts of some length whose worker or server goes away meanwhile. Ends with
 * status 1 when a script was started twice or its node took 15 s more. Cases: kill, restart (a minute each), outage
 * (three minutes), continue (ten minutes); default: all.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import type { LongScript, TakeOver } from '../test/recovery/long-script';
import { longScriptSpec, measureTakeOver, plantLongScript } from '../test/recovery/long-script';
import { continuations, keepServerAway, workerOfForeignServer } from '../test/recovery/long-script-events';
import { Scene, soon } from '../test/recovery/scene';

const MOST_SECONDS_MORE = 15;
const KILLED_AFTER_MS = 20_000;
const OUTAGE_MS = 120_000;
const CONTINUATIONS = 3;

/** How long a run may take beyond its script, in milliseconds. */
const PATIENCE_MS = 120_000;

interface Case {
  readonly title: string;
  readonly seconds: number;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** What happens to the run while its script is at work; told when the script has started. */
  readonly happens: (scene: Scene, runId: string, script: LongScript) => Promise<void>;
}

const CASES: Readonly<Record<string, Case>> = {
  kill: {
    title: 'kill -9 of the worker, which is started again',
    seconds: 60,
    happens: (scene) => replaceWorker(scene, 'SIGKILL'),
  },
  restart: {
    title: 'orderly restart of the worker',
    seconds: 60,
    happens: (scene) => replaceWorker(scene, 'SIGTERM'),
  },
  outage: {
    title: 'no server for two minutes',
    seconds: 180,
    happens: (scene) => keepServerAway(scene, OUTAGE_MS),
  },
  continue: {
    title: 'three continuations of the run',
    seconds: 600,
    spec: { steps: 2000, parallel: 2 },
    happens: async (scene, runId, script) => {
      await soon('the script ends', async () => !(await script.isAlive()), 5000, 600_000);
      const times = await continuations(scene, runId);
      if (times < CONTINUATIONS) throw new Error(`the run continued only ${times} times`);
    },
  },
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const table = new Table({ head: ['during the script', 'script', 'starts', 'seconds more'] });
  for (const [name, one] of Object.entries(CASES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const measured = await play(name, one);
    table.push([one.title, `${measured.scriptSeconds.toFixed(1)} s`, measured.starts, measured.secondsMore.toFixed(1)]);
    if (measured.starts !== 1 || measured.secondsMore > MOST_SECONDS_MORE) process.exitCode = 1;
  }
  process.stdout.write(`${table.toString()}\n`);
}

async function play(runId: string, { seconds, spec, happens }: Case): Promise<TakeOver> {
  const scene = await Scene.open();
  try {
    await startWorkers(scene, runId);
    const script = plantLongScript(scene, { runId, seconds });
    await scene.start(runId, longScriptSpec(scene, spec));
    await script.untilStarted();
    await happens(scene, runId, script);
    await scene.untilFinished(runId, seconds * 1000 + PATIENCE_MS);
    return await measureTakeOver(scene, runId, script);
  } finally {
    await scene.close();
  }
}

async function startWorkers(scene: Scene, runId: string): Promise<void> {
  if (runId === 'continue') {
    const worker = scene.place.coppice(['worker', '--slots', '2'], { COPPICE_DRAIN_EVENTS: '2000' });
    return worker.waitFor(/warnings in/);
  }
  const worker = await scene.ensureWorker();
  if (runId !== 'outage') return;
  await worker.kill();
  await workerOfForeignServer(scene);
}

async function replaceWorker(scene: Scene, signal: NodeJS.Signals): Promise<void> {
  await sleep(KILLED_AFTER_MS);
  const worker = await scene.ensureWorker();
  worker.signal(signal);
  await worker.ended;
  await scene.ensureWorker();
}

void main();
