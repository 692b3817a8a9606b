import { EVALUATION_WORDS, splitInWords } from './evaluation-words';
import { inferredLines } from './inferred-words';
import { isolationInWords } from './isolation-words';
import { escapeMarkdown } from './markdown';
import type { RunView } from './run-view';

/** The section on where the scores come from and what kept scripts from what is not theirs. */
export function renderEvaluation(view: RunView): string {
  const paragraphs = [inferred(view), scores(view), submissions(view), isolation(view)].filter(
    (paragraph) => paragraph !== null,
  );
  return ['## How it was evaluated', ...paragraphs].join('\n\n');
}

/** What the owner did not say: a wrong guess explains wrong scores. */
function inferred({ run }: RunView): string | null {
  const lines = inferredLines(run.task);
  if (lines.length === 0) return null;
  return ['Not said, but taken for granted:', '', ...lines.map((line) => `- ${escapeMarkdown(line)}`)].join('\n');
}

function scores({ run, evaluation }: RunView): string {
  const metric = escapeMarkdown(run.task.metric);
  if (evaluation === null) return 'It is not settled yet how the scripts are scored.';
  const kind = `Evaluation \`${evaluation.kind}\`: ${escapeMarkdown(evaluation.why)}.`.replace(/\.\.$/, '.');
  const split = splitInWords(evaluation);
  switch (evaluation.kind) {
    case 'reported':
      return `${kind} Each script measured its own ${metric} and reported it: the scores are as honest as the scripts' own validation.`;
    case 'holdout':
      return `${kind} ${split === null ? '' : `${split}. `}The grade worker scored the predictions for the withheld rows; what a script reports itself is shown beside it and steered nothing. ± is one standard error.`;
    case 'command':
      return `${kind} Scores are from ${EVALUATION_WORDS.command.replace(/^command: /, '')}, not from the scripts.`;
  }
}

function submissions({ run }: RunView): string {
  return run.task.sample === null
    ? 'The task names no sample submission, so no predictions were checked.'
    : `Every submission was checked against \`${run.task.sample}\`: columns, number of rows, ids and missing values.`;
}

function isolation(view: RunView): string | null {
  const words = isolationInWords(view);
  return words === null ? null : `Isolation: ${escapeMarkdown(words)}.`;
}
