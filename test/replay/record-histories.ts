/*
 * Records the histories that the replay test holds the workflow to: `npm run record:histories`. Before the first
 * release they may be recorded anew when the order of commands changes, with a line in the change log; afterwards such
 * a change is patched or versioned.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { FailureType } from '../../src/domain/failure-type';
import { modelTaskQueue } from '../../src/domain/task-queues';
import {
  extendUpdate,
  hintUpdate,
  injectUpdate,
  noteUpdate,
  pauseUpdate,
  progressQuery,
  pruneUpdate,
  resumeUpdate,
  stopUpdate,
} from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { THIS_HOST, fakeRun, routesTo } from '../helpers/fake-activities';
import { detached } from '../helpers/fake-scripts';
import { temporalCliPath } from '../helpers/temporal-cli';
import { waitUntil } from '../helpers/wait-until';
import type { RunHandle } from '../helpers/workflow-harness';
import { fakeWorker, startRun, startTestServer, withWorkers } from '../helpers/workflow-harness';

const TEXT = { encoding: 'utf8' } as const;
const HISTORIES = path.join(__dirname, 'histories');

type Scenario = (environment: TestWorkflowEnvironment, name: string) => Promise<void>;

async function run(
  environment: TestWorkflowEnvironment,
  fake: FakeRun,
  spec: Parameters<typeof startRun>[1],
  name: string,
  meanwhile: (handle: RunHandle) => Promise<unknown> = async () => undefined,
): Promise<void> {
  await withWorkers(environment, fake.activities, async () => {
    const handle = await startRun(environment, spec, name);
    await meanwhile(handle);
    await handle.result();
  });
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'one-slot': (environment, name) => run(environment, fakeRun(), { steps: 15 }, name),
  'three-slots': (environment, name) =>
    run(environment, fakeRun({ scriptMs: (id) => (id * 37) % 90 }), { steps: 15, parallel: 3 }, name),
  'paused-extended-stopped': (environment, name) => {
    const fake = fakeRun({ scriptMs: () => 100 });
    return run(environment, fake, { steps: 100, limits: { time: '1h' } }, name, async (handle) => {
      await waitUntil('some are recorded', () => fake.published.length >= 3);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await handle.executeUpdate(extendUpdate, { args: [{ steps: 2, time: '5m' }] });
      await waitUntil('the pause is saved', () => fake.saved.length >= 1);
      await handle.executeUpdate(resumeUpdate);
      await waitUntil('more are recorded', () => fake.published.length >= 6);
      await handle.executeUpdate(stopUpdate, { args: [{}] });
    });
  },
  steered: (environment, name) => {
    const fake = fakeRun({ scriptMs: () => 100 });
    return run(environment, fake, { steps: 10 }, name, async (handle) => {
      await waitUntil('some are recorded', () => fake.published.length >= 3);
      await handle.executeUpdate(hintUpdate, { args: [{ text: 'use lags' }] });
      await handle.executeUpdate(injectUpdate, { args: [{ code: 'print(1)', parent: 1 }] });
      await handle.executeUpdate(pruneUpdate, { args: [{ node: 2 }] });
      await handle.executeUpdate(noteUpdate, { args: [{ node: 1, scores: { public: 0.5 } }] });
      await handle.executeUpdate(hintUpdate, { args: [{ withdraw: 1 }] });
    });
  },
  'refused-key-and-lost-worker': (environment, name) => {
    const fake = fakeRun();
    const { improve, execute } = fake.activities;
    let refuse = true;
    let lost = true;
    fake.activities.improve = async (input) => {
      if (refuse) throw ApplicationFailure.nonRetryable('the key was refused', FailureType.ModelKeyRejected);
      return improve(input);
    };
    fake.activities.execute = async (input) => {
      if (lost) {
        lost = false;
        throw ApplicationFailure.create({ message: 'bye', type: FailureType.WorkerShutdown });
      }
      return execute(input);
    };
    return run(environment, fake, { steps: 12 }, name, async (handle) => {
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      refuse = false;
      await handle.executeUpdate(resumeUpdate);
    });
  },
  'holdout-selected': (environment, name) => {
    const fake = fakeRun({ opened: { evaluation: 'holdout' } });
    return run(environment, fake, { steps: 6, limits: { time: '1h' } }, name);
  },
  'detached-and-lost-scripts': (environment, name) => {
    const fake = fakeRun({ scriptMs: () => 300 });
    const { execute } = fake.activities;
    let dispatched = 0;
    fake.activities.execute = async (input) => {
      dispatched += 1;
      if (dispatched === 2) fake.scripts.begin(input, THIS_HOST);
      if (dispatched <= 2) throw detached(THIS_HOST);
      if (dispatched === 5) {
        throw ApplicationFailure.create({ message: 'the supervisor was killed', type: FailureType.SupervisorLost });
      }
      return execute(input);
    };
    return run(environment, fake, { steps: 4 }, name);
  },
  'continued-with-scripts': (environment, name) => {
    const drainAt = { events: 60, bytes: 25 * 1024 * 1024 };
    const scriptMs = (id: number) => (id % 2 === 0 ? 4000 : 2500);
    return run(environment, fakeRun({ opened: { drainAt }, scriptMs }), { steps: 6, parallel: 2 }, name);
  },
  'with-digests': (environment, name) => {
    const fake = fakeRun({ scriptMs: () => 20 });
    return run(environment, fake, { steps: 10, memory: { digestEvery: 4 } }, name);
  },
  'answered-by-a-fallback': async (environment, name) => {
    const fake = fakeRun({ opened: { modelRoutes: routesTo('fake', 'spare') } });
    const { draft } = fake.activities;
    fake.activities.draft = async (input) => {
      if (input.model === 0) throw ApplicationFailure.nonRetryable('no credit left', FailureType.ModelQuotaExhausted);
      return draft(input);
    };
    const spare = await fakeWorker(environment, modelTaskQueue('spare'), fake.activities);
    await spare.runUntil(() => run(environment, fake, { steps: 4 }, name));
  },
  'stopped-by-its-cap': (environment, name) =>
    run(environment, fakeRun(), { steps: 50, parallel: 2, limits: { tokens: 100 } }, name),
  replayed: (environment, name) => {
    const parents = [0, 0, 0, 2, 3, 4];
    const replayed = { parents, operators: 'dd-ibi', outcomes: 'wx-www', metrics: [9, null, null, 8, 7, 6] };
    return run(environment, fakeRun({ opened: { replayed } }), { parallel: 2 }, name);
  },
  'continued-as-new': (environment, name) => {
    const drainAt = { events: 120, bytes: 25 * 1024 * 1024 };
    return run(environment, fakeRun({ opened: { drainAt } }), { steps: 12, parallel: 2 }, name);
  },
};

/** Stack traces and worker names say where the history was recorded; replay needs neither. */
function withoutMachine(history: string): string {
  return history.replace(/("stackTrace": )"(?:[^"\\]|\\.)*"/g, '$1""').replace(/"\d+@[^"]*"/g, '"worker"');
}

async function main(): Promise<void> {
  mkdirSync(HISTORIES, { recursive: true });
  const environment = await startTestServer();
  try {
    for (const [name, scenario] of Object.entries(scenarios)) {
      await scenario(environment, name);
      // For a chain this is the history of its last run, which starts from the carried state.
      const show = ['workflow', 'show', '--workflow-id', name, '--output', 'json', '--address', environment.address];
      writeFileSync(path.join(HISTORIES, `${name}.json`), withoutMachine(execFileSync(temporalCliPath(), show, TEXT)));
      process.stdout.write(`${name}\n`);
    }
  } finally {
    await environment.teardown();
  }
}

void main();
