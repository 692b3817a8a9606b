import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { makeWorkplace, type Workplace } from '../helpers/coppice-process';
import { soon } from '../recovery/scene';
import type { RequestRecord } from '../scripted-model/request-log';
import { startScriptedModel, type ScriptedModel } from '../scripted-model/scripted-model';
import type { Fault } from './fault';

/** Scripts that the one worker runs at once. */
const SLOTS = '4';

/** One server and one worker for many runs, with a model server for all of them and some for single ones. */
export class FaultScene {
  private constructor(
    readonly place: Workplace,
    readonly client: Client,
    readonly shared: ScriptedModel,
    private readonly own: ReadonlyMap<Fault, ScriptedModel>,
    private readonly endWith: () => Promise<void>,
  ) {}

  static async open(faults: readonly Fault[]): Promise<FaultScene> {
    const directory = await mkdtemp(path.join(tmpdir(), 'coppice-faults-'));
    const shared = await startScriptedModel();
    const own = new Map<Fault, ScriptedModel>();
    for (const fault of faults) {
      if (fault.ownServer !== undefined) own.set(fault, await startScriptedModel(fault.ownServer));
    }
    const endpoints = [...own].map(([{ requestsPerMinute }, { baseUrl }]) => ({
      baseUrl,
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    }));
    const endpointsFile = path.join(directory, 'endpoints.yaml');
    await writeFile(endpointsFile, stringify({ endpoints }));
    const place = await makeWorkplace({
      OPENAI_BASE_URL: shared.baseUrl,
      OPENAI_API_KEY: 'key',
      COPPICE_ENDPOINTS: endpointsFile,
    });
    await place.coppice(['worker', '--slots', SLOTS]).waitFor(/warnings in/);
    const connection = await Connection.connect({ address: (await place.server())?.address ?? '' });
    const close = async (): Promise<void> => {
      await connection.close();
      await place.cleanup();
      await Promise.all([shared, ...own.values()].map((model) => model.close()));
      await rm(directory, { recursive: true, force: true });
    };
    return new FaultScene(place, new Client({ connection }), shared, own, close);
  }

  /** The server that a fault's run asks first. */
  serverOf(fault: Fault): ScriptedModel {
    return this.own.get(fault) ?? this.shared;
  }

  /** All requests of a run, to whichever server. */
  requests(runId: string): RequestRecord[] {
    return [this.shared, ...this.own.values()]
      .flatMap((model) => model.requests())
      .filter((request) => request.runId === runId);
  }

  start(runId: string, spec: Partial<RunSpecInput>): Promise<unknown> {
    const whole = { task: this.place.task, parallel: 1, seed: 1, ...spec };
    return this.client.workflow.start('treeSearch', { workflowId: runId, taskQueue: 'coppice', args: [whole] });
  }

  /** Makes sure that no run asks anything after its end. */
  async expectQuiet(counts: ReadonlyMap<string, number>, withinMs: number): Promise<void> {
    const end = Date.now() + withinMs;
    await soon('a while passes', () => Date.now() >= end, 100);
    for (const [runId, count] of counts)
      assert.equal(this.requests(runId).length, count, `${runId} asks after its end`);
  }

  close(): Promise<void> {
    return this.endWith();
  }
}
