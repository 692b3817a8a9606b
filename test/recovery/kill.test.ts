import { executionFileSchema } from '../../src/domain/node-record';
import type { Operator } from '../../src/domain/operator';
import type { StoredRun } from '../helpers/coppice-process';
import { openCalmScene } from './calm-scene';
import type { Scene } from './scene';
import { expectBought, expectWhole, treeOf } from './whole-run';

jest.setTimeout(240_000);

describe('after kill -9', () => {
  let scene: Scene;
  let calm: StoredRun;

  beforeAll(async () => {
    ({ scene, calm } = await openCalmScene());
  });
  afterEach(() => {
    scene.model.control.clearRules();
    scene.model.control.release();
  });
  afterAll(() => scene.close());

  it('of the worker while the model answers, that call alone is bought again, with the prompt that was stored', async () => {
    scene.model.control.addRules({ node: 3, nth: 1, action: { type: 'hold' } });
    const worker = await scene.ensureWorker();
    await scene.start('asking');
    await scene.untilAsked('asking', 3);
    await worker.kill();
    const open = await scene.openCalls('asking');
    await scene.ensureWorker();
    const run = await scene.untilFinished('asking');

    expect(open).toHaveLength(1);
    expectBought(scene, 'asking', open);
    const prompts = scene.model.requests().filter(({ call }) => open.includes(call));
    expect(new Set(prompts.map(({ promptHash }) => promptHash)).size).toBe(1);
    await expectWhole(scene, 'asking', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  it('of the worker while a script runs, nothing is bought again and the script is taken over', async () => {
    const worker = await scene.ensureWorker();
    await scene.start('running');
    await scene.untilScriptRuns('running', 4);
    await worker.kill();
    const open = await scene.openCalls('running');
    await scene.ensureWorker();
    const run = await scene.untilFinished('running');

    expect(open).toEqual([]);
    expectBought(scene, 'running');
    expect(await attemptOf('running', 4)).toBe(1);
    await expectWhole(scene, 'running', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  it('of the worker between two steps of a node, nothing is bought or run again', async () => {
    await scene.start('between');
    const open = [
      ...(await killOnce('between', (operator) => [`calls/${operator}-1/response.json`, 'proposal.json'])),
      ...(await killOnce('between', () => ['execution.json', 'calls/review-1/prompt.json'])),
      ...(await killOnce('between', () => ['review.json', 'node.json'])),
    ];
    await scene.ensureWorker();
    const run = await scene.untilFinished('between');

    expectBought(scene, 'between', ...open);
    expect(await Promise.all([...run.nodes.keys()].map((index) => attemptOf('between', index + 1)))).toEqual(
      run.nodes.map(() => 1),
    );
    await expectWhole(scene, 'between', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  it('of the worker while it looks at the data or records a node, the run soon goes on', async () => {
    await scene.start('filing');
    const open: string[][] = [];
    for (const file of ['run.json', 'nodes/1/node.json', 'nodes/3/node.json']) {
      const worker = await scene.ensureWorker();
      await scene.untilFile(`filing/${file}`);
      await worker.kill();
      open.push(await scene.openCalls('filing'));
    }
    await scene.ensureWorker();
    const run = await scene.untilFinished('filing');

    expectBought(scene, 'filing', ...open);
    await expectWhole(scene, 'filing', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  it('of the server, at a call and at a script, the worker starts it again and both go on', async () => {
    scene.model.control.addRules({ node: 3, nth: 1, action: { type: 'hold' } });
    const worker = await scene.ensureWorker();
    await scene.start('headless');
    await scene.untilAsked('headless', 3);
    expect(await scene.place.killServer()).toBe(true);
    const open = await scene.openCalls('headless');
    scene.model.control.release();
    await scene.untilScriptRuns('headless', 4);
    expect(await scene.place.killServer()).toBe(true);
    const openAtScript = await scene.openCalls('headless');
    const run = await scene.untilFinished('headless');

    expect(worker.isRunning()).toBe(true);
    expect([open.length, openAtScript.length]).toEqual([1, 0]);
    // The worker lives on with its call, so that not even that one is lost.
    expectBought(scene, 'headless');
    await expectWhole(scene, 'headless', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  it('of server and worker together, a new worker goes on with both', async () => {
    scene.model.control.addRules({ node: 6, nth: 1, action: { type: 'hold' } });
    const worker = await scene.ensureWorker();
    await scene.start('both');
    await scene.untilScriptRuns('both', 4);
    await Promise.all([scene.place.killServer(), worker.kill()]);
    expect(await scene.openCalls('both')).toEqual([]);
    const next = await scene.ensureWorker();
    await scene.untilAsked('both', 6);
    await Promise.all([scene.place.killServer(), next.kill()]);
    const open = await scene.openCalls('both');
    await scene.ensureWorker();
    const run = await scene.untilFinished('both');

    expect(open).toHaveLength(1);
    expectBought(scene, 'both', open);
    await expectWhole(scene, 'both', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  /**
   * Kills the worker as soon as a node has the first file and not yet the second; tries again where that comes too late.
   *
   * @returns the open calls of each kill
   */
  async function killOnce(
    runId: string,
    moment: (operator: Operator) => readonly [string, string],
  ): Promise<string[][]> {
    const open: string[][] = [];
    for (let tries = 1; tries <= 3; tries += 1) {
      const worker = await scene.ensureWorker();
      const next = (await scene.place.readRun(runId)).nodes.length + 1;
      const [there, missing] = moment(calm.nodes[next - 1]?.operator ?? 'draft');
      await scene.untilFile(`${runId}/nodes/${next}/${there}`);
      await worker.kill();
      open.push(await scene.openCalls(runId));
      if (!scene.has(`${runId}/nodes/${next}/${missing}`)) return open;
    }
    throw new Error('no kill came at the right moment');
  }

  async function attemptOf(runId: string, node: number): Promise<number> {
    const execution: unknown = JSON.parse((await scene.place.read(`${runId}/nodes/${node}/execution.json`)) ?? '');
    return executionFileSchema.parse(execution).attempt;
  }
});
