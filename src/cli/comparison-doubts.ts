import type { RunView } from '../report/run-view';

/** Why the scores of runs that measure the same may still not compare; one sentence each, none when nothing speaks against it. */
export function comparisonDoubts(views: readonly RunView[]): string[] {
  const [first, ...others] = views;
  if (first === undefined) return [];
  return others.flatMap((other) => doubtsOf(first, other));
}

function doubtsOf(first: RunView, other: RunView): string[] {
  const pair = `${first.runId} and ${other.runId}`;
  const doubts: string[] = [];
  const [task, otherTask] = [first.run.task, other.run.task];
  if (task.dataDirectory !== otherTask.dataDirectory) doubts.push(`${pair} work on different data`);
  if (task.target !== otherTask.target) {
    doubts.push(`${pair} predict different columns (${task.target ?? 'none'}, ${otherTask.target ?? 'none'})`);
  } else if (task.goal !== otherTask.goal) doubts.push(`${pair} have different goals`);
  const [kind, otherKind] = [first.evaluation, other.evaluation];
  if (kind === null || otherKind === null) return doubts;
  if (kind.kind !== otherKind.kind) {
    doubts.push(`${pair} are scored in different ways (${kind.kind}, ${otherKind.kind})`);
  } else if (kind.kind === 'reported') {
    doubts.push(`${pair} are scored by what their scripts report, each in its own way`);
  } else if (kind.split?.dataHash !== otherKind.split?.dataHash) {
    doubts.push(`${pair} have different rows withheld, so small differences are chance`);
  }
  return doubts;
}
