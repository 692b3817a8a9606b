import assert from 'node:assert/strict';
import type { StoredRun } from '../helpers/coppice-process';
import type { Scene } from '../recovery/scene';
import { expectBought, expectWhole, treeOf } from '../recovery/whole-run';

export interface ServerKills {
  readonly steps: number;
  /** Nodes under way when the server is killed: by turns while their script runs and while a model call is open. */
  readonly kills: readonly number[];
  /** Kills the server; somebody or something starts it again. */
  readonly killServer: () => Promise<unknown>;
}

export interface SurvivedRun {
  readonly scene: Scene;
  readonly runId: string;
  readonly run: StoredRun;
}

/** The seed of the run, and so of its tree. */
const SEED = 3;

/** Milliseconds that a model call takes which a kill is to meet. */
const LONG_CALL_MS = 1500;

/** Searches with one slot, with the server killed while chosen nodes are under way, and holds that nothing was lost. */
export async function runThroughServerKills(
  scene: Scene,
  runId: string,
  { steps, kills, killServer }: ServerKills,
): Promise<SurvivedRun> {
  const meetsCall = (index: number): boolean => index % 2 === 1;
  kills.forEach((node, index) => {
    const action = { type: 'answer' as const, ...(meetsCall(index) ? {} : { script: { sleepSeconds: 2 } }) };
    scene.model.control.addRules({ runId, node, delayMs: meetsCall(index) ? LONG_CALL_MS : 0, action });
  });
  const words = ['--steps', String(steps), '--seed', String(SEED), '--parallel', '1', '--slots', '1'];
  const command = scene.place.coppice(['run', scene.place.task, '--run-id', runId, ...words]);
  const allKills = async (): Promise<void> => {
    for (const [index, node] of kills.entries()) {
      if (meetsCall(index)) await scene.untilAsked(runId, node);
      else await scene.untilScriptRuns(runId, node);
      await killServer();
    }
  };
  const endedWell = async (): Promise<void> => {
    const { exitCode, stdout, stderr } = await command.ended;
    assert.equal(exitCode, 0, `the run did not end well:\n${stdout}\n${stderr}`);
  };
  // A command that fails at once would otherwise be waited for in vain.
  await Promise.all([allKills(), endedWell()]);
  const run = await scene.place.readRun(runId);
  await expectWhole(scene, runId, run, steps);
  // A call that is open while the server is away goes on; its answer is stored, and not bought again.
  expectBought(scene, runId);
  return { scene, runId, run };
}

export function expectSameTree(...runs: readonly SurvivedRun[]): void {
  const [first, ...others] = runs.map(({ run }) => treeOf(run));
  for (const other of others) assert.deepEqual(other, first);
}
