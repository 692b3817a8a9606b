import { setTimeout as sleep } from 'node:timers/promises';
import { executionFileSchema } from '../../src/domain/node-record';
import type { NodeRecord } from '../../src/domain/node-record';
import type { StoredRun } from '../../test/helpers/coppice-process';
import { waitUntil } from '../../test/helpers/wait-until';
import type { Arena } from './arena';
import type { BackEnd, HostileScript, Outcome } from './hostile-script';
import { answerWith } from './hostile-script';
import { leftoversOf, readMounts } from './leftovers';

/** Longest that all scripts of one run may take together, in milliseconds. */
const PATIENCE_MS = 900_000;

/** Time in which what a recorded node has left is tidied away, in milliseconds. */
const TIDYING_MS = 5000;

/** Limits of every script: small, so that a bench that finds a hole harms nobody. */
const LIMITS = { script: 10, memory: '300MB', processes: 200, disk: '3GB' };

export interface Trial {
  readonly runId: string;
  readonly backEnd: BackEnd;
  readonly scripts: readonly HostileScript[];
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** What became of one script. */
export interface Verdict {
  readonly script: HostileScript;
  readonly backEnd: BackEnd;
  readonly seconds: number;
  /** What is not as it should be; empty when all is. */
  readonly surprises: readonly string[];
}

/**
 * Runs the scripts one after the other as the drafts of one run, between two that behave.
 *
 * @returns a verdict on each; what the run as a whole did wrong is added to the last
 */
export async function letLoose(arena: Arena, trial: Trial): Promise<Verdict[]> {
  const { scene } = arena;
  const { runId, backEnd, scripts } = trial;
  const last = scripts.length + 2;
  scene.model.control.clearRules();
  scene.model.control.addRules(
    ...scripts.map((script, index) => ({
      purpose: 'draft' as const,
      node: index + 2,
      action: { type: 'answer' as const, text: answerWith(script, arena.targets(runId)) },
    })),
    { purpose: 'draft', node: last, action: { type: 'hold' } },
  );
  const mounts = await readMounts();
  const limits = { ...LIMITS, ...trial.limits };
  const shape = { steps: last, policy: { numDrafts: last }, isolation: backEnd, limits };
  await scene.start(runId, scene.spec({ evaluation: 'reported', ...shape, ...trial.spec }));
  const pauses = await untilAllTried(arena, trial, last);
  const left = await untilTidy(() => leftoversOf(scene, runId, mounts));
  scene.model.control.release();
  const run = await scene.untilFinished(runId);
  const wrong = [...left.map((line) => `left behind: ${line}`), ...surprisesOfRun(run, last)];
  return Promise.all(
    scripts.map(async (script, index) => {
      const node = run.nodes[index + 1];
      const expected = script.outcome[backEnd];
      const hasPaused = pauses.some((message) => message.includes(`node ${index + 2}`));
      const own = [
        ...(await surprisesOf(arena, trial, node, expected)),
        ...(hasPaused === (expected.pauses ?? false) ? [] : [`the run ${hasPaused ? 'paused' : 'did not pause'}`]),
      ];
      const surprises = index === scripts.length - 1 ? [...own, ...wrong] : own;
      return { script, backEnd, seconds: node?.scriptSeconds ?? 0, surprises };
    }),
  );
}

/**
 * Waits until the last node is asked for, and resumes the run when it has paused for changed data.
 *
 * @returns what the run said when it paused
 */
async function untilAllTried({ scene }: Arena, { runId }: Trial, last: number): Promise<readonly string[]> {
  const pauses: string[] = [];
  const isTried = async (): Promise<boolean> => {
    const pause = (await scene.place.readRun(runId)).state?.pause ?? null;
    if (pause?.reason === 'data_changed') {
      pauses.push(pause.message);
      await scene.place.run(['resume', runId]);
    } else if (pause !== null) throw new Error(`run ${runId} has paused: ${pause.message}`);
    return scene.model.requests().some((request) => request.runId === runId && request.node === last);
  };
  await waitUntil(`run ${runId} comes through its hostile scripts`, isTried, PATIENCE_MS);
  return pauses;
}

async function untilTidy(leftovers: () => Promise<string[]>): Promise<string[]> {
  const end = Date.now() + TIDYING_MS;
  let left = await leftovers();
  while (left.length > 0 && Date.now() < end) {
    await sleep(200);
    left = await leftovers();
  }
  return left;
}

function surprisesOfRun(run: StoredRun, last: number): string[] {
  const behaved = run.nodes.filter(({ id, status }) => (id === 1 || id === last) && status === 'working').length;
  return [
    ...(run.nodes.length === last ? [] : [`${run.nodes.length} of ${last} nodes are recorded`]),
    ...(behaved === 2 ? [] : ['a script that behaves did not work beside the others']),
    ...(run.state?.best === null ? ['the run has no best node'] : []),
  ];
}

async function surprisesOf(
  { scene }: Arena,
  { runId }: Trial,
  node: NodeRecord | undefined,
  expected: Outcome,
): Promise<string[]> {
  if (node === undefined) return ['it has no record'];
  const said = node.message === '' ? '' : ` (${node.message})`;
  if (node.reason !== expected.reason) {
    return [`${node.reason ?? 'working'}${said} instead of ${expected.reason ?? 'working'}`];
  }
  if (expected.finds === undefined) return [];
  const execution: unknown = JSON.parse((await scene.place.read(`${runId}/nodes/${node.id}/execution.json`)) ?? '');
  const { metric } = executionFileSchema.parse(execution);
  const finds = metric === 0 ? 'nothing' : metric === null ? 'no number' : 'something';
  return finds === expected.finds ? [] : [`finds ${finds} instead of ${expected.finds}`];
}
