import { totalUsage } from '../domain/call-ledger';
import { isOffline } from '../domain/resolved-model';
import { isHidden, isolationCounts } from '../report/isolation-words';
import type { RunView } from '../report/run-view';
import { bestOf, recordsOf } from '../report/run-view';
import type { UsageByRole } from '../report/usage-by-role';
import { hintsInForce, notesOf } from '../report/steering-words';
import { forecastOf } from './forecast';
import type { StatusJson } from './json-output';
import type { LiveRuns } from './live-run';
import { notesJson } from './node-json';
import { runStateOf } from './run-state';

/** What `status` tells of a run: the recorded nodes are the truth, `state.json` adds what only the workflow knows. */
export function summarizeRun(view: RunView, byRole: UsageByRole, live: LiveRuns): StatusJson {
  const { run, state: file, evaluation } = view;
  const state = runStateOf(view.runId, file, live);
  const records = recordsOf(view);
  const working = records.filter((record) => record.status === 'working').length;
  const best = bestOf(view);
  const isOver = state === 'finished' || state === 'cancelled';
  const steps = { done: records.length, total: file?.stepsTotal ?? run.request.steps };
  const usage = file?.usage ?? totalUsage({ byRole });
  const elapsedSeconds = file?.elapsedSeconds ?? 0;
  return {
    runId: view.runId,
    state,
    steps,
    nodes: {
      working,
      failed: records.length - working,
      inFlight: isOver ? 0 : view.nodes.length - records.length,
    },
    best: best?.metric == null ? null : { id: best.id, metric: best.metric },
    usage: { ...usage, byRole },
    forecast: isOver ? null : forecastOf(steps, usage, elapsedSeconds),
    elapsedSeconds,
    task: { name: run.task.name, metric: run.task.metric, direction: run.task.direction },
    inferred: run.task.inferred,
    offline: isOffline(run.models),
    evaluation: evaluation === null ? null : { kind: evaluation.kind, why: evaluation.why },
    selection: file?.selection ?? null,
    isolation: isolationCounts(view),
    hidden: isHidden(view),
    pause: state === 'paused' ? (file?.pause ?? null) : null,
    stopReason: file?.stopReason ?? null,
    hints: hintsInForce(view).map(({ number, node, text }) => ({ number, node, text })),
    pruned: [...(file?.pruned ?? [])],
    notes: best === null ? null : notesJson(notesOf(view, best.id)),
    createdAt: run.createdAt,
    updatedAt: file?.updatedAt ?? null,
  };
}
