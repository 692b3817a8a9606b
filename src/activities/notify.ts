import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FILE_FORMAT } from '../domain/file-format';
import type { Notice, NoticesFile, NotifyInput } from '../domain/notice';
import { NOTIFY_TRIES, noticesFileSchema } from '../domain/notice';
import type { RunFile } from '../domain/run-files';
import type { Environment } from '../llm/endpoint';
import { noticeInWords } from '../report/notice-words';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { readRun } from '../store/read-run';
import { NotifyFailure } from './notify-failure';
import { postNotice } from './post-notice';
import { runNotifyCommand } from './run-notify-command';

export interface NotifyDependencies {
  readonly store: ArtifactStore;
  readonly environment: Environment;
}

/** Where commands of others are not wanted on this worker: whoever may start a run could else have it run anything. */
const SWITCH = 'COPPICE_NOTIFY_COMMANDS';

/**
 * Tells of one event in one way, and keeps count in `notices/<way>.json`. Nobody depends on it: what fails here is
 * tried again a few times, and then known to `coppice status` alone.
 *
 * @throws ApplicationFailure when nobody was told
 */
export function createNotify({ store, environment }: NotifyDependencies): (input: NotifyInput) => Promise<void> {
  return async (input) => {
    const { info, cancellationSignal } = Context.current();
    const run = input.opened ? await readRunIfPossible(store, input.runId) : null;
    const notice = noticeOf(input, run);
    try {
      await send(input, notice, environment, cancellationSignal);
    } catch (error) {
      const { message, isFinal } = NotifyFailure.of(error);
      const isLast = isFinal || info.attempt >= NOTIFY_TRIES;
      if (isLast && run !== null) await count(store, input, { event: notice.event, at: notice.at, message });
      throw isLast ? ApplicationFailure.nonRetryable(message, 'NotifyFailed') : ApplicationFailure.retryable(message);
    }
    if (run !== null) await count(store, input, null);
  };
}

async function send(
  { way, notify }: NotifyInput,
  notice: Notice,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  if (way === 'webhook') {
    if (notify.webhook !== undefined) await postNotice(notify.webhook, notice, signal);
    return;
  }
  if (notify.command === undefined) return;
  if (environment[SWITCH] === 'off') throw new NotifyFailure(`this worker runs no commands (${SWITCH}=off)`, true);
  await runNotifyCommand(notify.command, notice, { environment, signal });
}

function noticeOf(input: NotifyInput, run: RunFile | null): Notice {
  const { event, runId, steps, nodes, best, usage, pauseReason, stopReason, failureType } = input;
  return {
    event,
    runId,
    at: new Date(input.at).toISOString(),
    text: noticeInWords(runId, input, run?.task ?? null),
    metric: run?.task.metric ?? null,
    direction: run?.task.direction ?? null,
    steps,
    nodes,
    best,
    usage,
    elapsedSeconds: Math.round(input.elapsedMs / 1000),
    pauseReason,
    stopReason,
    failureType,
  };
}

/** A store that cannot be read is no reason to stay silent: the run may have paused over just that. */
async function readRunIfPossible(store: ArtifactStore, runId: string): Promise<RunFile | null> {
  return readRun(store, runId).catch(() => null);
}

async function count(store: ArtifactStore, input: NotifyInput, failure: NoticesFile['lastFailure']): Promise<void> {
  const key = runKeys(input.runId).notices(input.way);
  const before = await readJson(store, key, noticesFileSchema).catch(() => null);
  const { sent = 0, failed = 0, lastFailure = null } = before ?? {};
  const after: NoticesFile = {
    format: FILE_FORMAT,
    sent: sent + (failure === null ? 1 : 0),
    failed: failed + (failure === null ? 0 : 1),
    lastFailure: failure ?? lastFailure,
  };
  await writeJson(store, key, after).catch(() => undefined);
}
