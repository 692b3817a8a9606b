import type { Task } from '../domain/task';

/** What is told in a line each; the names of usual files say enough of themselves. */
const TOLD: readonly string[] = ['metric', 'direction', 'target', 'id', 'train', 'test', 'sample'];

/** What coppice took a task's settings to be, and by what; the flag of the same name corrects it. */
export function inferredLines({ inferred }: Pick<Task, 'inferred'>): string[] {
  return inferred
    .filter(({ what, reason }) => TOLD.includes(what) && reason !== 'by its name')
    .map(({ what, value, reason }) => `${what} ${value}: ${reason}`);
}

/** How a person corrects one of them, when there are any. */
export const INFERRED_ADVICE = 'what is wrong is put right by the flag of that name, such as --target';
