import type { Python } from './python';
import { indent, listAssignment, literal } from './python';
import type { Recipe } from './recipe';
import { sampleCall } from './render-read';
import type { Table } from './table';

/** What goes into the submission: numbers, labels, the probability of the positive class, or one for each class. */
type AnswerForm = 'value' | 'label' | 'positive' | 'each_class';

/** The functions of a script that measure, predict and write the submission. */
export function renderAnswers(recipe: Recipe, table: Table, leavesGaps: boolean): Python {
  const form = answerForm(table);
  const needsProbabilities = table.metric.needs === 'probability' || form === 'positive' || form === 'each_class';
  const functions = [
    `def measure(truth, predicted):\n    return ${table.metric.expression}`,
    ...(needsProbabilities ? [PROBABILITIES] : []),
    renderPredict(table, leavesGaps),
    ...(table.test === null
      ? []
      : [...(answerFunction(table) === 'answer' ? [renderAnswer(form)] : []), renderSubmission(recipe, table, form)]),
  ];
  return { code: functions.join('\n\n\n'), imports: table.metric.imports };
}

function answerForm(table: Table): AnswerForm {
  if (table.kind === 'regression') return 'value';
  if (table.filled.length > 1) return 'each_class';
  return table.metric.needs === 'probability' && table.kind === 'binary' ? 'positive' : 'label';
}

/** What the script calls for the submission: a function of its own only when the score is made from something else. */
export function answerFunction(table: Table): 'predict' | 'answer' {
  const form = answerForm(table);
  const scored = { value: 'value', label: 'label', probability: 'each_class' }[table.metric.needs];
  return form === scored ? 'predict' : 'answer';
}

const PROBABILITIES = `def probabilities(model, columns):
    # A class too rare to be in every fold has probability 0 where it is unknown.
    found = pd.DataFrame(model.predict_proba(columns), columns=model.classes_)
    return found.reindex(columns=CLASSES, fill_value=0.0).to_numpy()`;

const GAPS = `
    # Undoing the transformation of the target leaves gaps far outside the known range.
    predicted = np.where(np.isnan(predicted), np.median(known), predicted)`;

function renderPredict(table: Table, leavesGaps: boolean): string {
  const gaps = leavesGaps ? GAPS : '';
  if (table.kind === 'regression') {
    return `def predict(model, columns, known):
    predicted = model.predict(columns)${gaps}
    # Within the range of the known targets: an odd row can lead a model far outside it.
    return np.clip(predicted, known.min(), known.max())`;
  }
  const expression = table.metric.needs === 'probability' ? 'probabilities(model, columns)' : 'model.predict(columns)';
  return `def predict(model, columns, known):\n    return ${expression}`;
}

function renderAnswer(form: AnswerForm): string {
  const expression = {
    value: 'predict(model, columns, known)',
    label: 'model.predict(columns)',
    positive: 'probabilities(model, columns)[:, 1]',
    each_class: 'probabilities(model, columns)',
  }[form];
  return `def answer(model, columns, known):\n    return ${expression}`;
}

function renderSubmission(recipe: Recipe, table: Table, form: AnswerForm): string {
  const { sample, id } = table;
  if (sample === null) {
    const columns = id === null ? `{TARGET: answers}` : `{ID: test[ID], TARGET: answers}`;
    return `def write_submission(test, answers):
    pd.DataFrame(${columns}).to_csv(WORKING / "submission.csv", index=False)`;
  }
  const byId = recipe.matching === 'id' && id !== null;
  const body = [
    '"""Fills a copy of the sample, so that columns, rows and ids are the ones asked for."""',
    `submission = ${sampleCall(sample)}`,
    ...(byId
      ? [
          'places = pd.Series(range(len(test)), index=test[ID].astype(str))',
          'answers = answers[places.loc[submission[ID]]]',
        ]
      : []),
    ...(form === 'each_class'
      ? eachClass(table)
      : [`submission[${literal(table.filled[0] ?? table.target.name)}] = answers`]),
    'submission.to_csv(WORKING / "submission.csv", index=False)',
  ];
  return `def write_submission(test, answers):\n${indent(body.join('\n'), 4)}`;
}

/** Columns are matched with classes by name, or by place when the names say nothing. */
function eachClass(table: Table): string[] {
  return [
    listAssignment('class_columns', table.filled),
    'for place, column in enumerate(class_columns):',
    '    named = [place for place, label in enumerate(CLASSES) if column == label or column.endswith(f"_{label}")]',
    '    submission[column] = answers[:, named[0] if named else place]',
  ];
}
