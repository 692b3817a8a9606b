import { setTimeout as sleep } from 'node:timers/promises';
import { fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

/** How long the store takes for a record: time enough for another one to come between. */
const RECORD_MS = 200;

it('nodes that wait for their turn are recorded one at a time, in the order of their completion', async () => {
  const run = fakeRun();
  const { publish } = run.activities;
  let underWay = 0;
  const together: number[] = [];
  Object.assign(run.activities, {
    publish: async (input: Parameters<typeof publish>[0]) => {
      together.push((underWay += 1));
      // The others come to wait behind the first one.
      await waitUntil('all nodes are reviewed', () => run.reviewed.length === 4);
      await sleep(RECORD_MS);
      underWay -= 1;
      return publish(input);
    },
  });
  await completeRun(server.environment, run.activities, { steps: 4, parallel: 4 });
  expect(together).toEqual([1, 1, 1, 1]);
  expect(run.published.map(({ completion }) => completion)).toEqual([1, 2, 3, 4]);
});
