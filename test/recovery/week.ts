import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { PauseReason } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { randomStream } from '../../src/policy/random-stream';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import { createDirectoryStore } from '../../src/store/directory-store';
import { progressQuery, resumeUpdate } from '../../src/workflows/messages';
import type { CoppiceProcess, StoredRun } from '../helpers/coppice-process';
import { FAULTS, type FaultName } from '../scripted-model/random-faults';
import { Scene } from './scene';
import { expectWhole } from './whole-run';

/** Workers that search at the same time; any of them may be killed at any moment. */
const WORKERS = 2;
const SLOTS = 2;

/** Of the requests that something is wrong with. */
const SHARE = 0.2;

/** How long an answer takes, in milliseconds: long enough to be met by a kill. */
const ANSWER_MS = 600;

/** Only a person's resume ends these pauses soon; here a person looks every few seconds. */
const FOR_A_PERSON: readonly PauseReason[] = ['model_key', 'model_quota', 'model_rejected'];

/** Nodes between two looks of the print-out. */
const PRINT_EVERY = 20;

export interface WeekSettings {
  readonly runId: string;
  /** Of the run's decisions, of the faults, and of the moments of the kills. */
  readonly seed: number;
  readonly nodes: number;
  /** How long the model server is away each time, in seconds. */
  readonly downSeconds: number;
  /** How often it goes away; the times are spread over the run. */
  readonly downs: number;
  /** Kills of a worker; at random moments, spread over the run. */
  readonly kills: number;
  /** Whether a person also resumes the run when it cannot reach its model, instead of its own look every few minutes. */
  readonly impatient: boolean;
  /** Longest the whole may take, in seconds. */
  readonly patienceSeconds: number;
  readonly print: (line: string) => void;
}

export interface Week {
  readonly run: StoredRun;
  readonly seconds: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly requests: number;
  /** Open calls at each kill. */
  readonly openAtKills: readonly (readonly string[])[];
  readonly pauses: ReadonlyMap<PauseReason, number>;
  readonly downs: number;
  /** Answers that were in the store and were bought again. */
  readonly duplicates: readonly string[];
  /** Answers that were bought again because a kill had lost them. */
  readonly boughtAgain: number;
  /** Sendings that the run's files know no end of. */
  readonly lost: number;
}

/** A scene whose model server fails in every way, by the seed. */
export function openWeekScene(seed: number): Promise<Scene> {
  const kinds = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);
  // Some scripts fail, and some take long enough to be met by a kill.
  return Scene.open(
    ({ node }) => ({
      ...(node % 5 === 2 ? { fail: 'exception' as const } : {}),
      ...(node % 7 === 3 ? { sleepSeconds: 1 } : {}),
    }),
    { model: { delayMs: ANSWER_MS, randomFaults: { seed, share: SHARE, kinds } } },
  );
}

/** Searches through all of it: faults at random, a server that goes away, and workers that are killed. */
export async function liveThroughAWeek(scene: Scene, settings: WeekSettings): Promise<Week> {
  const startedAt = Date.now();
  const seconds = (): number => (Date.now() - startedAt) / 1000;
  const say = (what: string): void => settings.print(`${seconds().toFixed(0).padStart(6)} s  ${what}`);
  const workers = await startWorkers(scene);
  const connection = await Connection.connect({ address: (await scene.place.server())?.address ?? '' });
  try {
    const client = new Client({ connection });
    const args = [specOf(scene, settings)];
    await client.workflow.start('treeSearch', { workflowId: settings.runId, taskQueue: 'coppice', args });
    const person = new Person(client, settings, say);
    const openAtKills: (readonly string[])[] = [];
    const events = plan(settings);
    let printed = 0;
    let downs = 0;
    let upAt = 0;
    for (;;) {
      const { state } = await scene.place.readRun(settings.runId);
      if (state?.state === 'finished') break;
      assert.ok(seconds() < settings.patienceSeconds, `the run has not ended after ${settings.patienceSeconds} s`);
      const done = (state?.nodes.working ?? 0) + (state?.nodes.failed ?? 0);
      if (done >= printed + PRINT_EVERY) {
        printed = done;
        say(`${done} nodes recorded, ${scene.model.requests().length} requests`);
      }
      await person.look(state?.state === 'paused');
      const next = events[0];
      const isDue = next !== undefined && next.afterNodes <= done && (next.kind === 'kill' || Date.now() > upAt);
      if (isDue) {
        events.shift();
        if (next.kind === 'kill') openAtKills.push(await killOne(scene, workers, next, settings, say));
        else {
          downs += 1;
          upAt = Date.now() + settings.downSeconds * 1000;
          say(`the model server is away for ${settings.downSeconds} s`);
          await scene.model.control.down(settings.downSeconds * 1000);
        }
      }
      await sleep(200);
    }
    const run = await scene.untilFinished(settings.runId);
    say(`the run is over: ${run.nodes.length} nodes`);
    const { unended } = await readCallLedger(createDirectoryStore(scene.place.store), settings.runId);
    return {
      run,
      seconds: seconds(),
      faults: countFaults(scene),
      requests: scene.model.requests().length,
      openAtKills,
      pauses: person.pauses,
      downs,
      ...boughtTwice(scene, openAtKills),
      lost: unended.length,
    };
  } finally {
    await connection.close();
    for (const worker of workers) await worker.kill();
  }
}

function specOf(scene: Scene, { nodes, seed }: WeekSettings): RunSpecInput {
  // Limits short enough for silence not to be most of the week.
  const model = { name: 'scripted', baseUrl: scene.model.baseUrl, timeout: '20s', silence: '3s' };
  return { task: scene.place.task, steps: nodes, seed, parallel: WORKERS * SLOTS, models: { default: model } };
}

interface WeekEvent {
  readonly kind: 'kill' | 'down';
  readonly number: number;
  readonly afterNodes: number;
}

/** What happens when, in the order of the nodes recorded until then. */
function plan({ nodes, kills, downs, seed }: WeekSettings): WeekEvent[] {
  const random = randomStream(seed, 0);
  const spread = (kind: WeekEvent['kind'], count: number): WeekEvent[] =>
    Array.from({ length: count }, (_, index) => ({
      kind,
      number: index + 1,
      afterNodes: Math.floor(((index + 0.2 + 0.6 * random.chance()) / count) * nodes * 0.95),
    }));
  const events = [...spread('kill', kills), ...spread('down', downs)];
  return events.sort((left, right) => left.afterNodes - right.afterNodes);
}

/** Resumes the run where it waits for a person. */
class Person {
  readonly pauses = new Map<PauseReason, number>();
  /** The pause that was last seen, so that each is counted once. */
  private seen: string | null = null;

  constructor(
    private readonly client: Client,
    private readonly settings: Pick<WeekSettings, 'runId' | 'impatient'>,
    private readonly say: (what: string) => void,
  ) {}

  /** @param saysPaused what the run's file says, which may lag a little */
  async look(saysPaused: boolean): Promise<void> {
    if (!saysPaused) {
      this.seen = null;
      return;
    }
    const handle = this.client.workflow.getHandle(this.settings.runId);
    const { pause } = await handle.query(progressQuery);
    if (pause === null) return;
    if (this.seen !== pause.message) {
      this.seen = pause.message;
      this.pauses.set(pause.reason, (this.pauses.get(pause.reason) ?? 0) + 1);
      this.say(`paused (${pause.reason}): ${pause.message}`);
    }
    const mayResume = this.settings.impatient || FOR_A_PERSON.includes(pause.reason);
    if (!mayResume) return;
    await handle.executeUpdate(resumeUpdate);
    this.seen = null;
  }
}

async function startWorkers(scene: Scene): Promise<CoppiceProcess[]> {
  const workers: CoppiceProcess[] = [];
  // One after the other: the first one starts the server.
  for (let number = 1; number <= WORKERS; number += 1) {
    const worker = startWorker(scene);
    await worker.waitFor(/warnings in/);
    workers.push(worker);
  }
  return workers;
}

function startWorker(scene: Scene): CoppiceProcess {
  return scene.place.coppice(['worker', '--slots', String(SLOTS)]);
}

/** Kills a worker drawn by the seed and starts another one in its place. */
async function killOne(
  scene: Scene,
  workers: CoppiceProcess[],
  event: WeekEvent,
  { seed, runId }: WeekSettings,
  say: (what: string) => void,
): Promise<readonly string[]> {
  const random = randomStream(seed, event.number);
  await sleep(random.chance() * 1000);
  const victim = random.pick([...workers.keys()]) ?? 0;
  await workers[victim]?.kill();
  const open = await scene.openCalls(runId);
  say(`kill ${event.number}: worker ${victim + 1}, ${open.length} calls open in the run`);
  workers[victim] = startWorker(scene);
  return open;
}

function countFaults(scene: Scene): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fault } of scene.model.requests()) {
    if (fault !== null) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  }
  return counts;
}

/** Answers to calls that were answered well before; with those that no kill excuses. */
function boughtTwice(
  scene: Scene,
  openAtKills: readonly (readonly string[])[],
): Pick<Week, 'duplicates' | 'boughtAgain'> {
  const answered = new Map<string, number>();
  for (const { call, isAnswer } of scene.model.requests()) {
    if (isAnswer) answered.set(call, (answered.get(call) ?? 0) + 1);
  }
  const excused = (call: string): number => openAtKills.filter((open) => open.includes(call)).length;
  const entries = [...answered];
  return {
    duplicates: entries.filter(([call, times]) => times > 1 + excused(call)).map(([call]) => call),
    boughtAgain: entries.reduce((sum, [, times]) => sum + times - 1, 0),
  };
}

/**
 * Holds what must be true after all of it: every node is recorded once and as it was decided, nothing that was stored
 * was bought again, and the run's figures lack no more than what was open at the kills.
 */
export async function expectWeek(scene: Scene, { runId, nodes }: WeekSettings, week: Week): Promise<void> {
  await expectWhole(scene, runId, week.run, nodes);
  assert.deepEqual(week.duplicates, []);
  const served = scene.model.served(runId);
  const used = week.run.state?.usage;
  const missing = served.calls - (used?.calls ?? 0);
  assert.ok(missing >= 0 && missing <= week.lost, `${missing} billed calls are missing, ${week.lost} were lost`);
  if (missing === 0) assert.equal(used?.promptTokens, served.promptTokens);
}
