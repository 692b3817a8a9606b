import { NO_USAGE, addUsage } from '../domain/usage';
import { isHidden, isolationCounts } from '../report/isolation-words';
import type { RunView } from '../report/run-view';
import { bestOf, isOffline, recordsOf } from '../report/run-view';
import type { StatusJson } from './json-output';
import type { LiveRuns } from './live-run';
import { runStateOf } from './run-state';

/** What `status` tells of a run: the recorded nodes are the truth, `state.json` adds what only the workflow knows. */
export function summarizeRun(view: RunView, live: LiveRuns): StatusJson {
  const { run, state: file, evaluation } = view;
  const state = runStateOf(view.runId, file, live);
  const records = recordsOf(view);
  const working = records.filter((record) => record.status === 'working').length;
  const best = bestOf(view);
  const isOver = state === 'finished' || state === 'cancelled';
  return {
    runId: view.runId,
    state,
    steps: { done: records.length, total: file?.stepsTotal ?? run.request.steps },
    nodes: {
      working,
      failed: records.length - working,
      inFlight: isOver ? 0 : view.nodes.length - records.length,
    },
    best: best?.metric == null ? null : { id: best.id, metric: best.metric },
    usage: {
      ...(file?.usage ?? records.reduce((sum, record) => addUsage(sum, record.usage), NO_USAGE)),
      costUsd: null,
    },
    elapsedSeconds: file?.elapsedSeconds ?? 0,
    task: { name: run.task.name, metric: run.task.metric, direction: run.task.direction },
    offline: isOffline(run),
    evaluation: evaluation === null ? null : { kind: evaluation.kind, why: evaluation.why },
    selection: file?.selection ?? null,
    isolation: isolationCounts(view),
    hidden: isHidden(view),
    pause: state === 'paused' ? (file?.pause ?? null) : null,
    stopReason: file?.stopReason ?? null,
    createdAt: run.createdAt,
    updatedAt: file?.updatedAt ?? null,
  };
}
