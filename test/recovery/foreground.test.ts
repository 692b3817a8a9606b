import { readdir } from 'node:fs/promises';
import { executionFileSchema } from '../../src/domain/node-record';
import type { StoredRun } from '../helpers/coppice-process';
import { Scene } from './scene';
import { expectBought, expectWhole, treeOf } from './whole-run';

jest.setTimeout(240_000);

const STEPS = 7;

/** Node 2 fails; node 4 works long enough to be met at work, and to be left at it. */
const behaviours: Record<number, object> = { 2: { fail: 'exception' }, 4: { sleepSeconds: 8 } };

describe('coppice run, typed again after it was ended', () => {
  let scene: Scene;
  let calm: StoredRun;
  const command = (): string[] => {
    return ['run', scene.place.task, '--steps', String(STEPS), '--seed', '3', '--parallel', '1', '--slots', '1'];
  };

  beforeAll(async () => {
    scene = await Scene.open(({ node }) => behaviours[node] ?? {});
    expect((await scene.place.run([...command(), '--run-id', 'calm'])).exitCode).toBe(0);
    calm = await scene.untilFinished('calm');
    await expectWhole(scene, 'calm', calm, STEPS);
  });
  afterEach(() => {
    scene.model.control.clearRules();
    scene.model.control.release();
  });
  afterAll(() => scene.close());

  it('goes on with the same run after kill -9 at a script, and after kill -9 with the server at a call', async () => {
    scene.model.control.addRules({ node: 6, nth: 1, action: { type: 'hold' } });
    const first = scene.place.coppice(command());
    await scene.untilScriptRuns('numbers-1', 4);
    await first.kill();
    expect(await scene.openCalls('numbers-1')).toEqual([]);
    const second = scene.place.coppice(command());
    await scene.untilAsked('numbers-1', 6);
    await Promise.all([second.kill(), scene.place.killServer()]);
    const open = await scene.openCalls('numbers-1');
    const { exitCode, stdout } = await scene.place.run(command());

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/5 of its nodes are recorded already/);
    expect(open).toHaveLength(1);
    expectBought(scene, 'numbers-1', open);
    const run = await scene.untilFinished('numbers-1');
    await expectWhole(scene, 'numbers-1', run, STEPS);
    await expectStartedOnce('numbers-1');
    expect(treeOf(run)).toEqual(treeOf(calm));
    expect((await readdir(scene.place.store)).sort()).toEqual(['calm', 'numbers-1']);
  });

  it('goes on after Ctrl-C, which exits with 130, leaves the script at work and says what to do about both', async () => {
    const first = scene.place.coppice(command());
    await scene.untilScriptRuns('numbers-2', 4);
    first.signal('SIGINT');
    const { exitCode, stderr } = await first.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`run numbers-2 is not over: \`npx coppice ${command().join(' ')}\` goes on with it`);
    expect(stderr).toMatch(/a script runs on, at most to its limit.*`npx coppice cancel numbers-2`/);
    expect(await scene.place.scripts('numbers-2', 4)).not.toEqual([]);

    expect((await scene.place.run(command())).exitCode).toBe(0);
    expectBought(scene, 'numbers-2');
    const run = await scene.untilFinished('numbers-2');
    await expectWhole(scene, 'numbers-2', run, STEPS);
    await expectStartedOnce('numbers-2');
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  /** Node 4 is the one whose script was met at work. */
  async function expectStartedOnce(runId: string): Promise<void> {
    const execution: unknown = JSON.parse((await scene.place.read(`${runId}/nodes/4/execution.json`)) ?? '');
    expect(executionFileSchema.parse(execution)).toMatchObject({ status: 'ok', attempt: 1 });
  }
});
