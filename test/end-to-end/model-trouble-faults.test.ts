import { CALL_FAULTS } from '../faults/call-faults';
import type { Fault } from '../faults/fault';
import { FaultScene } from '../faults/fault-scene';
import { runFault } from '../faults/run-fault';
import { SERVER_FAULTS } from '../faults/server-faults';

jest.setTimeout(300_000);

/** Of each kind the telling ones; `npm run bench:faults` tries them all. */
const NAMES = [
  'takes none for 300 milliseconds (429, retry-after-ms)',
  'rejects the key (401)',
  'answers null, and bills it',
  'breaks off its stream with an error',
  'falls silent in its answer',
  'is cut off (length)',
  'declines to answer (refusal)',
  'finds the prompt too long, once',
  'knows no json_schema (500)',
  'rejects the key, and another model is named after it',
];

const faults = NAMES.map((name) => {
  const fault = [...CALL_FAULTS, ...SERVER_FAULTS].find((candidate) => candidate.name === name);
  if (fault === undefined) throw new Error(`no fault is called "${name}"`);
  return fault;
});

let scene: FaultScene;

beforeAll(async () => {
  scene = await FaultScene.open(faults);
  // What the shared server can do is known from then on, so that no fault is put down to a lack.
  await runFault(scene, { name: 'answers well', expected: { moreRequests: 0 } }, 'calm');
});

afterAll(() => scene.close());

test.each(faults.map((fault, index): [string, Fault, string] => [fault.name, fault, `fault-${index + 1}`]))(
  'a run with a model server that %s goes on, and buys nothing twice',
  async (_name, fault, runId) => {
    const { problems } = await runFault(scene, fault, runId);
    expect(problems).toEqual([]);
  },
);

test('the bench has at least thirty faults, each by a name of its own', () => {
  const names = [...CALL_FAULTS, ...SERVER_FAULTS].map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(30);
  expect(new Set(names).size).toBe(names.length);
});
