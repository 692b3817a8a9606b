import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream } from '../../src/policy/random-stream';
import { readServer } from '../../src/server/server-description';
import type { CoppiceProcess, StoredRun } from '../helpers/coppice-process';
import { Scene, soon } from './scene';

type Part = 'worker' | 'run' | 'server';
type Processes = Readonly<Record<'worker' | 'run', CoppiceProcess>>;

/** What is killed, in turn. */
const TARGETS: readonly (readonly Part[])[] = [
  ['worker'],
  ['server'],
  ['run'],
  ['worker', 'run'],
  ['server'],
  ['run', 'server'],
  ['server'],
  ['worker', 'run', 'server'],
];

/** Longest random wait between work and a kill, and between a kill and the restart, in milliseconds. */
const LONGEST_WAIT_MS = 900;
const LONGEST_ABSENCE_MS = 400;

export interface ChaosSettings {
  readonly runId: string;
  /** Of the run's decisions and of the moments of the kills. */
  readonly seed: number;
  readonly kills: number;
  readonly steps: number;
  readonly parallel: number;
  readonly print: (line: string) => void;
}

/** One kill and what it met. */
export interface Kill {
  readonly parts: readonly Part[];
  readonly done: number;
  /** Calls that were sent and had no stored answer after the kill. */
  readonly open: readonly string[];
  /** How often each of them had been sent until then. */
  readonly sent: Readonly<Record<string, number>>;
  /** Nodes whose script ran. */
  readonly running: readonly number[];
}

export interface Chaos {
  readonly run: StoredRun;
  readonly kills: readonly Kill[];
}

/** A scene where calls and scripts take long enough to be met by kills, and some scripts fail. */
export async function openChaosScene(): Promise<Scene> {
  const scene = await Scene.open(({ node }) => ({
    sleepSeconds: 0.5 + (node % 4) * 0.5,
    ...(node % 5 === 2 ? { fail: 'exception' as const } : {}),
  }));
  scene.model.control.addRules({ delayMs: 600, action: { type: 'answer' } });
  return scene;
}

/**
 * Searches with `coppice run` and a `coppice worker` beside it, and kills them and the server at random moments, each
 * soon after work has resumed; what was killed is started again by the same command.
 */
export async function runThroughKills(scene: Scene, settings: ChaosSettings): Promise<Chaos> {
  const { runId, seed, steps, parallel } = settings;
  const slots = ['--slots', '1'];
  const request = ['--steps', String(steps), '--seed', String(seed), '--parallel', String(parallel), ...slots];
  const commands: Record<'worker' | 'run', () => CoppiceProcess> = {
    worker: () => scene.place.coppice(['worker', ...slots]),
    run: () => scene.place.coppice(['run', scene.place.task, '--run-id', runId, ...request]),
  };
  const processes = { run: commands.run(), worker: commands.worker() };
  const kills: Kill[] = [];
  const startedAt = Date.now();
  for (let number = 1; number <= settings.kills; number += 1) {
    const random = randomStream(seed, number);
    const sent = scene.bought(runId);
    await soon('work is under way again', async () => {
      if ((await readServer(scene.place.home)) === null) return false;
      return isMore(scene.bought(runId), sent) || (await scene.place.scripts(runId)).length > 0;
    });
    await sleep(random.chance() * LONGEST_WAIT_MS);
    assert.ok(processes.run.isRunning(), `the run ended before kill ${number}:\n${processes.run.stdout()}`);
    const kill = await strike(scene, runId, TARGETS[(number - 1) % TARGETS.length] ?? [], processes);
    kills.push(kill);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    settings.print(`${seconds.padStart(6)} s  ${timelineEntry(number, kill)}`);
    await sleep(random.chance() * LONGEST_ABSENCE_MS);
    for (const part of kill.parts) if (part !== 'server') processes[part] = commands[part]();
  }
  const { exitCode, stdout, stderr } = await processes.run.ended;
  assert.equal(exitCode, 0, `the run did not end well:\n${stdout}\n${stderr}`);
  processes.worker.signal('SIGTERM');
  await processes.worker.ended;
  return { run: await scene.untilFinished(runId), kills };
}

/**
 * Whether the kill took something with it: a call that was sent again afterwards, or, where the server or all workers
 * were killed, any work under way.
 */
export function hitSomething(kill: Kill, boughtInTheEnd: Readonly<Record<string, number>>): boolean {
  const lost = kill.open.some((call) => (boughtInTheEnd[call] ?? 0) > (kill.sent[call] ?? 0));
  const underWay = kill.open.length + kill.running.length > 0;
  const tookAll = kill.parts.includes('server') || kill.parts.length > 1;
  return lost || (tookAll && underWay);
}

/** The calls that slots make; a digest is written beside them. */
export function ofSlots(calls: readonly string[]): string[] {
  return calls.filter((call) => !call.includes('/digest/'));
}

/** Kills those processes at once, and looks at what they had under way. */
async function strike(scene: Scene, runId: string, parts: readonly Part[], processes: Processes): Promise<Kill> {
  const scripts = await scene.place.scripts(runId);
  const killed = parts.filter((part) => part !== 'server').map((part) => processes[part]);
  await Promise.all([
    ...killed.map((one) => one.kill()),
    ...(parts.includes('server') ? [scene.place.killServer()] : []),
  ]);
  return {
    parts,
    done: (await scene.place.readRun(runId)).nodes.length,
    open: await scene.openCalls(runId),
    sent: scene.bought(runId),
    running: nodesOf(scripts),
  };
}

function nodesOf(scripts: readonly { readonly node: number }[]): number[] {
  return [...new Set(scripts.map(({ node }) => node))].sort((left, right) => left - right);
}

function isMore(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): boolean {
  return Object.entries(now).some(([call, count]) => count > (before[call] ?? 0));
}

function timelineEntry(number: number, { parts, done, open, running }: Kill): string {
  const calls = open.map((call) => call.split('/').slice(1, 3).join(' '));
  const flying = [
    ...(calls.length === 0 ? [] : [`calls open: ${calls.join(', ')}`]),
    ...(running.length === 0 ? [] : [`scripts running: ${running.join(', ')}`]),
  ];
  const what = flying.length === 0 ? 'nothing in flight' : flying.join('; ');
  return `kill ${String(number).padStart(2)}  ${parts.join(' + ').padEnd(21)}  ${String(done).padStart(3)} nodes done  ${what}`;
}
