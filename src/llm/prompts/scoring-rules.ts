import type { EvaluationKind } from '../../domain/evaluation';
import type { Task } from '../../domain/task';

/** What a script is told about where its score comes from; a few sentences, the same in every prompt of a run. */
export function scoringRules(evaluation: EvaluationKind, task: Pick<Task, 'metric'>): readonly string[] {
  if (evaluation === 'holdout') return holdoutRules(task);
  if (evaluation === 'command') return COMMAND_RULES;
  return reportedRules(task);
}

/** What makes a node's score not to be trusted, for a reviewer. */
export function bugRule(evaluation: EvaluationKind): string {
  if (evaluation === 'reported') return REPORTED_BUG;
  return (
    'The score was measured apart from the script, by a program that the script cannot reach. `is_bug` is true only ' +
    'when the script does not do what its plan says: an error was swallowed, the predictions are constant or copied, ' +
    'or the target or the rows to predict leak into the features.'
  );
}

function reportedRules({ metric }: Pick<Task, 'metric'>): readonly string[] {
  return [
    `It measures itself with ${metric} on rows it did not learn from (a hold-out part or cross-validation). ` +
      LEARNT_INSIDE_FOLDS,
    `It writes that score, as a finite number, ${WHERE_TO_REPORT}, and prints it as its last line: ` +
      `\`Validation metric (${metric}): <score>\`.`,
  ];
}

function holdoutRules({ metric }: Pick<Task, 'metric'>): readonly string[] {
  return [
    `Its prediction file alone decides: it is scored with ${metric} by another program. Some of the rows to predict ` +
      'were taken from the training data, and only that program knows which and with what labels. All rows are ' +
      'predicted in the same way and in one pass, in the end by models that learnt from all the training rows.',
    'It should also measure itself on training rows it did not learn from, with one split or a few folds. ' +
      LEARNT_INSIDE_FOLDS,
    `It writes that score ${WHERE_TO_REPORT} and prints it as its last line: ` +
      `\`Validation metric (${metric}): <score>\`. It is shown beside the real one and decides nothing.`,
  ];
}

const LEARNT_INSIDE_FOLDS =
  'Whatever is learnt from data (encodings, scaling, imputation, selection) is learnt inside each fold from the ' +
  'training rows alone.';

const WHERE_TO_REPORT = 'to `./working/result.json` as `{"metric": <score>}`';

const COMMAND_RULES: readonly string[] = [
  "A program of the task's own evaluates what it leaves behind and sets its score; what the script says of itself " +
    'decides nothing.',
];

const REPORTED_BUG =
  '`is_bug` is true only when the score is not what it claims to be: it is measured on rows the model learnt from, ' +
  'the target or the rows to predict leak into the features, another measure is computed, the score is written down ' +
  'instead of computed, or an error was swallowed so that the script did not do what it says.';
