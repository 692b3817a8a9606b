import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { ExecuteDependencies } from '../../src/activities/execute-step';
import type { ProcessFile } from '../../src/domain/node-record';
import type { ExecuteInput, ExecuteResult } from '../../src/domain/steps';
import { controlDirectory } from '../../src/sandbox/attempts';
import { stopScript } from '../../src/sandbox/supervised-script';
import { ExecuteFixture, quietEnvironment } from './execute-fixture';

/** Notes its start, and ends once it finds a file named `gate` in the directory that holds the store. */
export const GATED = `
import os, time
root = os.path.abspath(os.getcwd()).split('/home/work/')[0]
with open(root + '/starts', 'a') as starts: starts.write('%d\\n' % os.getpid())
while not os.path.exists(root + '/gate'): time.sleep(0.02)
print('metric: 3')`;

/** A watcher of a script, as one worker has it. */
export interface Watcher {
  readonly activity: MockActivityEnvironment;
  readonly result: Promise<ExecuteResult>;
  /** What became of it: its result, or what it threw. */
  readonly outcome: Promise<unknown>;
  cancel(details: ConstructorParameters<typeof ActivityCancellationDetails>[0]): void;
}

/** The script of node 1, which waits at a gate, and watchers that come and go. */
export class GatedScript {
  private constructor(readonly fixture: ExecuteFixture) {}

  static async make(): Promise<GatedScript> {
    return new GatedScript(await ExecuteFixture.make());
  }

  watch(input: Partial<ExecuteInput> = {}, more: Partial<ExecuteDependencies> = {}, code = GATED): Watcher {
    const activity = quietEnvironment();
    const result = this.fixture.execute(code, input, { activity, ...more });
    return {
      activity,
      result,
      outcome: result.catch((error: unknown) => error),
      cancel: (details) => activity.cancel('CANCELLED', new ActivityCancellationDetails(details)),
    };
  }

  /** Pids of all starts so far. */
  async pids(): Promise<number[]> {
    const text = await readFile(path.join(this.fixture.root, 'starts'), 'utf8').catch(() => '');
    return text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  }

  /** Waits until the script has noted its start that often; the pid of the last. */
  async untilStarted(times = 1): Promise<number> {
    for (let tries = 0; tries < 600; tries += 1) {
      const started = await this.pids();
      if (started.length >= times) return started[times - 1] ?? 0;
      await sleep(50);
    }
    throw new Error(`the script was not started ${times} times`);
  }

  /** The attempt that the node belongs to. */
  async owner(): Promise<ProcessFile> {
    const process = await this.fixture.process();
    if (process === null) throw new Error('the node belongs to no attempt');
    return process;
  }

  openGate(): Promise<void> {
    return this.fixture.write('gate', '');
  }

  /** Ends what still runs and removes everything. */
  async close(): Promise<void> {
    for (const running of await this.fixture.running()) await stopScript(controlDirectory(running.directory));
    await this.fixture.remove();
  }
}
