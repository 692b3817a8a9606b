import { parallelOf } from '../domain/run-spec';
import type { RunSpec } from '../domain/run-spec';
import type { ResolvedModels } from '../domain/resolved-model';
import type { Task } from '../domain/task';
import { counted } from '../domain/format';
import { isWrittenOffline, writersInWords } from '../report/writers';

/** What Temporal's UI shows of a run besides its id, as the client's options name it. */
export interface RunLabels {
  readonly staticSummary: string;
  /** Markdown. */
  readonly staticDetails: string;
}

/** Servers take a summary of at most 400 bytes; a character has at most 4. */
const MOST_SUMMARY = 90;
const MOST_GOAL = 2000;

/** The summary and the details of a run that never change: what it searches for, and by whom. */
export function runLabels(run: {
  readonly task: Task;
  readonly models: ResolvedModels;
  readonly request: RunSpec;
}): RunLabels {
  const { task, request } = run;
  const writers = isWrittenOffline(run) ? 'the offline model (no language model)' : writersInWords(run);
  return {
    staticSummary: cut(`${task.name}: ${task.metric} (${task.direction}), ${writers}`, MOST_SUMMARY),
    staticDetails: [
      `**${task.name}**: ${task.metric} (${task.direction})`,
      quoted(cut(task.goal.trim(), MOST_GOAL)),
      [
        `- ${counted(request.steps, 'step')}, ${parallelOf(request)} at once`,
        `- scripts by ${writers}`,
        `- data in ${code(task.dataDirectory)}`,
      ].join('\n'),
    ].join('\n\n'),
  };
}

function cut(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
