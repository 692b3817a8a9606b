import type { NoticeFacts } from '../domain/notice';
import type { RunFile } from '../domain/run-files';
import { formatMetric } from '../domain/format';
import { stopReasonInWords } from './words';

/** What happened to a run in one line, made of facts alone: `diamonds-1: new best rmse 549.5 (node 9), 12 of 20 steps`. */
export function noticeInWords(runId: string, facts: NoticeFacts, task: Pick<RunFile['task'], 'metric'> | null): string {
  return `${runId}: ${happening(facts, task?.metric ?? 'score')}, ${facts.steps.done} of ${facts.steps.total} steps`;
}

function happening({ event, best, pauseReason, stopReason, failureType }: NoticeFacts, metric: string): string {
  const score = best === null ? 'nothing works yet' : `${metric} ${formatMetric(best.metric)} (node ${best.id})`;
  switch (event) {
    case 'new_best':
      return `new best ${score}`;
    case 'paused':
      return `paused (${pauseReason ?? 'unknown'}), ${best === null ? score : `best ${score}`}`;
    case 'failed':
      return `failed (${failureType ?? 'unknown'})`;
    case 'finished': {
      const why = stopReason === null ? '' : `, ${stopReasonInWords(stopReason)}`;
      return `finished${why}: ${best === null ? 'no working solution' : `best ${score}`}`;
    }
  }
}
