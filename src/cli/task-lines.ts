import type { Task } from '../domain/task';
import { INFERRED_ADVICE, inferredLines } from '../report/inferred-words';

/** What coppice took of the task without being told, why, and how a person corrects it; no line when it was told all. */
export function takenForLines(task: Pick<Task, 'inferred'>): string[] {
  const lines = inferredLines(task);
  return labelled('taken for', lines.length === 0 ? [] : [...lines, INFERRED_ADVICE]);
}

/** Lines with a label before the first; further ones stand below it. */
export function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(11)}${line}`);
}
