import { ApplicationFailure } from '@temporalio/common';
import { processFileSchema, type ProcessFile } from '../domain/node-record';
import type { KnownAttempt } from '../sandbox/survivors';
import { bootId } from '../sandbox/process-identity';
import { readJson, writeJson } from '../store/json-file';
import type { ExecuteStep } from './execute-step';

/*
 * A node belongs to the attempt that its `process.json` names by token; whoever writes that file last owns the node.
 */

export async function readOwner({ dependencies, keys }: ExecuteStep): Promise<ProcessFile | null> {
  return readJson(dependencies.store, keys.process, processFileSchema);
}

/** Makes the attempt the one whose result counts. */
export async function takeOwnership(step: ExecuteStep, attempt: KnownAttempt): Promise<void> {
  const { store, hostId } = step.dependencies;
  const file: ProcessFile = {
    variant: step.input.variant,
    codeHash: step.codeHash,
    attempt: attempt.number,
    hostId,
    bootId: await bootId(),
    pid: null,
    startTime: null,
    token: attempt.file.token,
    directory: attempt.directory,
    startedAt: attempt.file.startedAt,
  };
  await writeJson(store, step.keys.process, file);
}

/** Whether the node belongs to that attempt. A node that was made anew belongs to none of before. */
export async function isOwner(step: ExecuteStep, attempt: KnownAttempt): Promise<boolean> {
  return (await readOwner(step))?.token === attempt.file.token;
}

/** The failure of an attempt whose node a later one has taken; nobody waits for it any more. */
export function replaced({ input }: ExecuteStep, attempt: KnownAttempt): ApplicationFailure {
  const message = `attempt ${attempt.number} of node ${input.nodeId} was replaced by a later one`;
  return ApplicationFailure.create({ message, type: 'AttemptReplaced', nonRetryable: false });
}
