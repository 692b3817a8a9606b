import type { EvaluationFile, EvaluationKind } from '../domain/evaluation';
import type { RunSpec } from '../domain/run-spec';
import type { Task } from '../domain/task';
import { planSplit } from './split-plan';

/** How a run's nodes are to be scored, as far as it can be told without reading the data. */
export type SettledEvaluation =
  | { readonly status: 'settled'; readonly file: EvaluationFile }
  /** The rows themselves decide: the split step finds out. */
  | { readonly status: 'open'; readonly wanted: 'auto' | 'holdout' }
  /** Asked for by name and impossible; one line for the task's owner. */
  | { readonly status: 'impossible'; readonly message: string };

/** What was asked for: by the run, else by the task. A scorer of the task's own asks for hidden rows. */
export function wantedEvaluation(asked: RunSpec['evaluation'], task: Task): EvaluationKind | 'auto' {
  if (asked !== 'auto') return asked;
  if (task.evaluation !== null) return typeof task.evaluation === 'string' ? task.evaluation : 'command';
  return task.scorer === null ? 'auto' : 'holdout';
}

/** Settles it as far as names, sizes and header lines tell. */
export async function settleEvaluation(asked: RunSpec['evaluation'], task: Task): Promise<SettledEvaluation> {
  const wanted = wantedEvaluation(asked, task);
  if (wanted === 'reported') return settled('reported', 'Scores that scripts report were asked for.');
  if (wanted === 'command') {
    if (typeof task.evaluation === 'object' && task.evaluation !== null) {
      return settled('command', 'The task brings an evaluator of its own.');
    }
    const message =
      'Evaluation by a command is asked for, but the task has none; write "evaluation: {command: …}" in its task.yaml.';
    return { status: 'impossible', message };
  }
  const planned = await planSplit(task, wanted === 'holdout');
  return planned.ok ? { status: 'open', wanted } : withoutHiddenRows(wanted, planned.why);
}

/** What follows when rows cannot be withheld. */
export function withoutHiddenRows(
  wanted: 'auto' | 'holdout',
  why: string,
): Exclude<SettledEvaluation, { status: 'open' }> {
  if (wanted === 'auto') return settled('reported', `Scripts report their own scores, since ${why}.`);
  const message = `Evaluation by hidden rows is asked for, but ${why}; change the task, or ask for "reported".`;
  return { status: 'impossible', message };
}

function settled(kind: EvaluationKind, why: string): SettledEvaluation & { readonly status: 'settled' } {
  return { status: 'settled', file: { kind, why, split: null } };
}
