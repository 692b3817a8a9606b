import type { Context } from '@temporalio/activity';
import { evaluationFileSchema, type EvaluationFile } from '../domain/evaluation';
import type { RunFile } from '../domain/run-files';
import type { ExecuteInput } from '../domain/steps';
import type { ScriptName } from '../sandbox/attempts';
import type { DiskGuard } from '../sandbox/disk-guard';
import type { ScriptMachine } from '../sandbox/place-script';
import type { Host } from '../sandbox/survivors';
import type { WatchedScripts } from '../sandbox/watched-scripts';
import { contentHash } from '../store/content-hash';
import { readJson } from '../store/json-file';
import type { Redactor } from '../store/redaction/redactor';
import { runKeys, type VariantKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { readRun } from '../store/read-run';

/** What the server says of a chain of workflow runs; `unknown` when it has none of that id. */
export type ChainState = 'running' | 'closed' | 'unknown';

export interface ExecuteDependencies extends ScriptMachine {
  readonly disk: DiskGuard;
  /** Takes secrets out of what is told of scripts that run. */
  readonly redactor: Redactor;
  /** Names the set of processes that this worker sees (see `readHostId`). */
  readonly hostId: string;
  /** The scripts that this process watches. */
  readonly watched: WatchedScripts;
  /** Asks the server once; null when no answer comes. */
  readonly askChain: (workflowId: string) => Promise<ChainState | null>;
}

/** One call of the activity. */
export interface ExecuteStep {
  readonly dependencies: ExecuteDependencies;
  readonly host: Host;
  readonly input: ExecuteInput;
  readonly script: ScriptName;
  readonly keys: VariantKeys;
  readonly run: RunFile;
  /** Null in runs that were begun without one: their scripts report their scores. */
  readonly evaluation: EvaluationFile | null;
  readonly solution: Buffer;
  readonly codeHash: string;
  readonly context: Context;
}

/** Reads what the call is about. */
export async function openStep(
  dependencies: ExecuteDependencies,
  input: ExecuteInput,
  context: Context,
): Promise<ExecuteStep> {
  const { store, home, hostId } = dependencies;
  const { runId, nodeId, variant } = input;
  const keys = runKeys(runId);
  const node = keys.node(nodeId);
  const run = required(await readRun(store, runId), keys.run);
  const solution = required(await store.read(node.solution), node.solution);
  return {
    dependencies,
    host: { home, hostId },
    input,
    script: { runId, nodeId, variant },
    keys: node.variant(variant),
    run,
    evaluation: await readJson(store, keys.evaluation, evaluationFileSchema),
    solution,
    codeHash: contentHash(solution),
    context,
  };
}

function required<Value>(value: Value | null, key: string): Value {
  if (value === null) throw new StoreError(`${key} is missing in the store, though an earlier step wrote it`);
  return value;
}
