import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoppiceProcess, StoredRun, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { runKeys } from '../../src/store/run-keys';
import type { ScriptBehaviour } from '../scripted-model/actions';
import type { CallKey } from '../scripted-model/rules';
import type { ScriptedModel, ScriptedModelSettings } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';

/**
 * How long a run may take to go on and come to its end. Missed heartbeats are noticed after 15 s; two minutes and more
 * would mean that a step's whole time-out was waited for.
 */
const PATIENCE_MS = 100_000;

/** How long a request may lie unread at the model server after its sender was killed, in milliseconds. */
const ARRIVAL_MS = 150;

export interface SceneSettings {
  readonly model?: ScriptedModelSettings;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A workplace with a scripted model, and what recovery is judged by. */
export class Scene {
  private worker: CoppiceProcess | null = null;

  private constructor(
    readonly place: Workplace,
    readonly model: ScriptedModel,
  ) {}

  /**
   * @param script how the script of a node behaves, in every run of the scene
   * @param more what else the model server is told, and variables for every process of coppice's
   */
  static async open(script?: (call: CallKey) => ScriptBehaviour, more: SceneSettings = {}): Promise<Scene> {
    const model = await startScriptedModel({ ...more.model, ...(script === undefined ? {} : { script }) });
    const place = await makeWorkplace({
      OPENAI_BASE_URL: model.baseUrl,
      COPPICE_MODEL: 'scripted',
      ...more.environment,
    });
    return new Scene(place, model);
  }

  async close(): Promise<void> {
    await this.place.cleanup();
    await this.model.close();
  }

  /** The worker that is there, or a new one that has begun to poll. */
  async ensureWorker(): Promise<CoppiceProcess> {
    if (this.worker?.isRunning() === true) return this.worker;
    this.worker = this.place.coppice(['worker', '--slots', '1']);
    await this.worker.waitFor(/warnings in/);
    return this.worker;
  }

  /** A spec with one slot whose tree has drafts, repairs and improvements within a few steps. */
  spec(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return { task: this.place.task, steps: 8, seed: 3, parallel: 1, policy: { numDrafts: 2 }, ...more };
  }

  /** Starts a run by nothing but the `temporal` command. */
  async start(runId: string, spec = this.spec()): Promise<void> {
    const what = ['--type', 'treeSearch', '--task-queue', 'coppice', '--input', JSON.stringify(spec)];
    await this.place.temporal(['workflow', 'start', '--workflow-id', runId, ...what]);
  }

  /** Waits until the run is over; what its files hold then. */
  async untilFinished(runId: string, patienceMs = PATIENCE_MS): Promise<StoredRun> {
    const isOver = async (): Promise<boolean> => (await this.place.readRun(runId)).state?.state === 'finished';
    await soon(`run ${runId} is over`, isOver, 200, patienceMs);
    await this.untilStatus(runId, 'COMPLETED');
    return this.place.readRun(runId);
  }

  async untilStatus(runId: string, status: 'COMPLETED' | 'FAILED' | 'TERMINATED' | 'CANCELED'): Promise<void> {
    const describe = ['workflow', 'describe', '--workflow-id', runId, '--output', 'json'];
    const said = `WORKFLOW_EXECUTION_STATUS_${status}`;
    await soon(`${runId} is ${status}`, async () => (await this.place.temporal(describe)).includes(said), 200);
  }

  /** Waits until the model has a call of the node before it that is not answered. */
  async untilAsked(runId: string, node: number, purpose?: CallKey['purpose']): Promise<void> {
    await soon(`node ${node} of ${runId} asks the model`, () =>
      this.model
        .requests()
        .some(
          (request) =>
            request.runId === runId &&
            request.node === node &&
            request.status === null &&
            (purpose ?? request.purpose) === request.purpose,
        ),
    );
  }

  async untilScriptRuns(runId: string, node: number): Promise<void> {
    await soon(`node ${node} of ${runId} runs`, async () => (await this.place.scripts(runId, node)).length > 0);
  }

  /** Notices a file within a few milliseconds of its coming. */
  async untilFile(key: string): Promise<void> {
    await soon(`${key} is there`, () => this.has(key), 2);
  }

  has(key: string): boolean {
    return existsSync(this.place.file(key));
  }

  /** Calls of the run that were sent and whose answer is not in the store: what a kill just now has lost at most. */
  async openCalls(runId: string): Promise<string[]> {
    await sleep(ARRIVAL_MS);
    const open = this.model
      .requests()
      .filter(({ runId: asked }) => asked === runId)
      .filter((request) => !this.has(`${callDirectory(request)}/response.json`))
      .map(({ call }) => call);
    return [...new Set(open)].sort();
  }

  /** How often each call of the run was sent. */
  bought(runId: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { call, runId: asked } of this.model.requests()) {
      if (asked === runId) counts[call] = (counts[call] ?? 0) + 1;
    }
    return counts;
  }
}

/** Where the files of a call lie: with its node, its digest or the words for the report. */
function callDirectory({ runId, node, purpose, ask }: CallKey): string {
  const keys = runKeys(runId);
  if (purpose === 'report') return keys.story.call(ask).directory;
  return (purpose === 'digest' ? keys.digest(node).call(ask) : keys.node(node).call(purpose, ask)).directory;
}

/** Waits until `condition` holds, looking every `everyMs` milliseconds; fails with `what` after `patienceMs`. */
export async function soon(
  what: string,
  condition: () => boolean | Promise<boolean>,
  everyMs = 20,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${patienceMs / 1000} s in vain: ${what}`);
    await sleep(everyMs);
  }
}
