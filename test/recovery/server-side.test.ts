import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runKeys } from '../../src/store/run-keys';
import type { StoredRun } from '../helpers/coppice-process';
import { hashFiles } from '../helpers/coppice-process';
import { openCalmScene } from './calm-scene';
import type { Scene } from './scene';
import { expectBought, expectWhole, treeOf } from './whole-run';

jest.setTimeout(240_000);

const historySchema = z.object({
  events: z.array(
    z.object({
      activityTaskScheduledEventAttributes: z
        .object({ activityType: z.object({ name: z.string() }), workflowTaskCompletedEventId: z.string() })
        .optional(),
    }),
  ),
});

describe('what an operator does to a run by the server', () => {
  let scene: Scene;
  let calm: StoredRun;

  beforeAll(async () => {
    ({ scene, calm } = await openCalmScene());
  });
  afterEach(() => scene.model.control.clearRules());
  afterAll(() => scene.close());

  it('a terminated run started again under its id goes on from its files', async () => {
    await scene.start('terminated');
    await scene.untilScriptRuns('terminated', 4);
    await scene.place.temporal(['workflow', 'terminate', '--workflow-id', 'terminated', '--reason', 'a test']);
    await scene.untilStatus('terminated', 'TERMINATED');
    await scene.start('terminated');
    const run = await scene.untilFinished('terminated');

    expectBought(scene, 'terminated');
    await expectWhole(scene, 'terminated', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
    expect(run.superseded).toEqual([]);
  });

  it('a run that the server has forgotten with its database goes on from its files', async () => {
    const worker = await scene.ensureWorker();
    await scene.start('forgotten');
    await scene.untilScriptRuns('forgotten', 4);
    worker.signal('SIGTERM');
    await worker.ended;
    expect((await scene.place.run(['server', 'stop'])).exitCode).toBe(0);
    const databases = (await readdir(scene.place.home)).filter(
      (name) => name.startsWith('temporal-') && name.includes('.db'),
    );
    expect(databases).not.toEqual([]);
    for (const name of databases) await rm(path.join(scene.place.home, name));
    await scene.ensureWorker();
    await expect(scene.place.temporal(['workflow', 'describe', '--workflow-id', 'forgotten'])).rejects.toThrow(
      'not found',
    );
    await scene.start('forgotten');
    const run = await scene.untilFinished('forgotten');

    expectBought(scene, 'forgotten');
    await expectWhole(scene, 'forgotten', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
  });

  it('another request under the id of a run fails with RunIdInUse and touches nothing', async () => {
    await scene.start('taken', scene.spec({ steps: 2 }));
    await scene.untilFinished('taken');
    const before = await hashFiles(scene.place.file('taken'));
    await scene.start('taken', scene.spec({ steps: 3, policy: { numDrafts: 4 } }));
    await scene.untilStatus('taken', 'FAILED');

    const shown = await scene.place.temporal(['workflow', 'show', '--workflow-id', 'taken', '--output', 'json']);
    expect(shown).toContain('"RunIdInUse"');
    expect(shown).toContain('policy.numDrafts, steps differ');
    expect(await hashFiles(scene.place.file('taken'))).toEqual(before);
    expectBought(scene, 'taken');
  });

  it('a finished run started again by the same request is finished again without any work', async () => {
    await scene.start('twice', scene.spec({ steps: 3 }));
    const before = await scene.untilFinished('twice');
    await scene.start('twice', scene.spec({ steps: 3 }));
    const after = await scene.untilFinished('twice');
    expect(after.nodes).toEqual(before.nodes);
    expectBought(scene, 'twice');
  });

  it('a reset to an earlier point, made while a script runs, takes from the files what still fits, which is all', async () => {
    await scene.start('rewound');
    await scene.untilScriptRuns('rewound', 4);
    await resetBefore('rewound', 'review', 2);
    const run = await scene.untilFinished('rewound');

    expectBought(scene, 'rewound');
    await expectWhole(scene, 'rewound', run, 8);
    expect(treeOf(run)).toEqual(treeOf(calm));
    expect(run.superseded).toEqual([]);
  });

  it('a reset after which a node turns out differently supersedes exactly what no longer fits', async () => {
    await scene.start('changed');
    const before = await scene.untilFinished('changed');
    const boughtBefore = scene.bought('changed');
    await rm(scene.place.file(runKeys('changed').node(1).directory), { recursive: true });
    scene.model.control.addRules({ node: 1, action: { type: 'answer', script: { metric: 0 } }, purpose: 'draft' });
    await resetBefore('changed', 'draft', 1);
    const run = await scene.untilFinished('changed');

    await expectWhole(scene, 'changed', run, 8);
    expect(run.state?.best).toEqual({ id: 1, metric: 0 });
    const differing = run.nodes.filter((node) => identityOf(node) !== identityOf(before.nodes[node.id - 1]));
    expect(differing).not.toEqual([]);
    // The report tells of other nodes now, so that its story (call 0) is told anew, too.
    expect(run.superseded).toEqual([...differing.map(({ id }) => `${id}-1`), 'story-1'].sort());
    const madeAgain = new Set([0, 1, ...differing.map(({ id }) => id)]);
    const boughtAgain = Object.entries(scene.bought('changed')).filter(([call, count]) => count !== boughtBefore[call]);
    expect(new Set(boughtAgain.map(([call]) => Number(call.split('/')[1])))).toEqual(madeAgain);
  });

  /** Resets to the workflow task that scheduled the n-th activity of that type, n from 1. */
  async function resetBefore(runId: string, activity: string, nth: number): Promise<void> {
    const shown = await scene.place.temporal(['workflow', 'show', '--workflow-id', runId, '--output', 'json']);
    const scheduled = historySchema
      .parse(JSON.parse(shown))
      .events.flatMap(({ activityTaskScheduledEventAttributes: event }) => (event === undefined ? [] : [event]))
      .filter(({ activityType }) => activityType.name === activity);
    const point = ['--event-id', scheduled[nth - 1]?.workflowTaskCompletedEventId ?? 'none', '--reason', 'a test'];
    await scene.place.temporal(['workflow', 'reset', '--workflow-id', runId, ...point]);
  }
});

function identityOf(node: StoredRun['nodes'][number] | undefined): string {
  return JSON.stringify([node?.operator, node?.parent, node?.parentCodeHash]);
}
