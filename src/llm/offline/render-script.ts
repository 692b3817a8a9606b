import type { BlockList } from './blocks/block-list';
import { pairedColumns } from './blocks/others';
import { importLines, indent, listAssignment, literal } from './python';
import type { Recipe } from './recipe';
import { recipeLine } from './recipe';
import { renderModel } from './render-model';
import { answerFunction, renderAnswers } from './render-answers';
import type { Table } from './table';

const DOCSTRING_WIDTH = 100;

/** The whole script of a recipe: a function of its arguments alone. */
export function renderScript(recipe: Recipe, table: Table, blocks: BlockList, title: string): string {
  const used = withoutColumns(table, recipe.without);
  const features = recipe.features.flatMap((name) => blocks.feature(name) ?? []);
  const featureLines = features.flatMap((block) => [...block.lines(used)]);
  const model = renderModel(recipe, used, blocks);
  const answers = renderAnswers(recipe, used, blocks.target(recipe.target)?.leavesGaps ?? false);
  const constants = renderConstants(recipe, used);
  const prepare = renderPrepare(used, featureLines);
  const imports = importLines([
    'import json',
    'from pathlib import Path',
    'import numpy as np',
    'import pandas as pd',
    `from sklearn.model_selection import ${splitter(used)}`,
    ...features.flatMap((block) => (block.lines(used).length > 0 ? [...block.imports] : [])),
    ...model.imports,
    ...answers.imports,
  ]);
  const standard = imports.filter((line) => /^import json|^from (pathlib|itertools)/.test(line));
  const others = imports.filter((line) => !standard.includes(line));
  return [
    recipeLine(recipe),
    `"""${docstring(title)}\n\nWritten from the preview of the data, without a language model.\n"""\n`,
    'import os',
    '',
    '# One thread: threads that wait for a busy core make everything slower. To be set before numpy is loaded.',
    'os.environ["OMP_NUM_THREADS"] = "1"',
    '',
    [...standard, '', ...others].join('\n'),
    '',
    constants,
    '',
    '',
    renderRead(used),
    '',
    '',
    prepare,
    '',
    '',
    model.code,
    '',
    '',
    answers.code,
    '',
    '',
    renderCrossValidate(used),
    '',
    '',
    renderMain(recipe, used),
    '',
  ].join('\n');
}

function withoutColumns(table: Table, without: readonly string[]): Table {
  const kept = (names: readonly string[]): string[] => names.filter((name) => !without.includes(name));
  return {
    ...table,
    numeric: kept(table.numeric),
    categories: kept(table.categories),
    dates: kept(table.dates),
    times: kept(table.times),
    skewed: kept(table.skewed),
    varied: kept(table.varied),
    leftOut: [...table.leftOut, ...without.map((name) => ({ name, why: 'it made a script fail' }))],
  };
}

/** Text for a docstring: without what could end it, in lines of a fair length. */
function docstring(text: string): string {
  const words = text.replaceAll('\\', '/').replaceAll('"', "'").replaceAll('`', "'").split(' ');
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= DOCSTRING_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}

function splitter(table: Table): string {
  return table.kind === 'regression' ? 'KFold' : 'StratifiedKFold';
}

function renderConstants(recipe: Recipe, table: Table): string {
  const lists: [string, readonly string[]][] = [
    ['CATEGORIES', table.categories],
    ['NUMERIC', table.numeric],
    ['DATES', table.dates],
    ['TIMES', table.times],
  ];
  const optional = new Set(['DATES', 'TIMES']);
  const lines = [
    'SEED = 0',
    `FOLDS = ${recipe.folds}`,
    'INPUT = Path("./input")',
    'WORKING = Path("./working")',
    `TARGET = ${literal(table.target.name)}`,
    ...(table.id === null ? [] : [`ID = ${literal(table.id)}`]),
    ...lists
      .filter(([name, values]) => values.length > 0 || !optional.has(name))
      .map(([name, values]) => listAssignment(name, values)),
  ];
  if (recipe.features.includes('ratios') || recipe.features.includes('products')) {
    lines.push(listAssignment('PAIRED', pairedColumns(table)));
  }
  if (recipe.features.includes('logarithms')) lines.push(listAssignment('SKEWED', table.skewed));
  if (table.leftOut.length > 0) {
    lines.push('# Left out:', ...table.leftOut.slice(0, 20).map(({ name, why }) => `# - ${literal(name)}: ${why}`));
    if (table.leftOut.length > 20) lines.push(`# - and ${table.leftOut.length - 20} more`);
  }
  return lines.join('\n');
}

function renderRead(table: Table): string {
  const textual = [
    ...(table.id === null ? [] : ['ID']),
    ...(table.kind === 'regression' ? [] : ['TARGET']),
    ...(table.categories.length === 0 ? [] : ['*CATEGORIES']),
  ];
  const types = textual.length === 0 ? [] : [`    types = {name: str for name in [${textual.join(', ')}]}`];
  return [
    'def read(name, delimiter):',
    '    # Text stays the text it is: 007 keeps its zeros, and only an empty field is missing.',
    ...types,
    `    options = {"keep_default_na": False, "na_values": [""]${types.length === 0 ? '' : ', "dtype": types'}}`,
    '    return pd.read_csv(INPUT / name, sep=delimiter, **options)',
  ].join('\n');
}

function renderPrepare(table: Table, featureLines: readonly string[]): string {
  const body = [
    '"""Makes the columns that models see. Row by row: what has to be learned from the rows is left to the model."""',
    'columns = {}',
  ];
  if (table.categories.length > 0) {
    body.push(
      'for name in CATEGORIES:',
      '    columns[name] = table[name].astype(object).where(table[name].notna(), "(missing)")',
    );
  }
  if (table.numeric.length > 0) {
    body.push('for name in NUMERIC:', '    columns[name] = pd.to_numeric(table[name], errors="coerce").astype(float)');
  }
  if (table.dates.length > 0) {
    body.push(
      'for name in DATES:',
      '    days = (as_moment(table[name]) - pd.Timestamp("2000-01-01", tz="UTC")).dt.total_seconds() / 86400',
      '    columns[f"{name}: days"] = days',
    );
  }
  if (table.times.length > 0) {
    body.push(
      'for name in TIMES:',
      '    seconds = pd.to_timedelta(table[name].astype(str), errors="coerce").dt.total_seconds()',
      '    columns[f"{name}: seconds"] = seconds',
    );
  }
  body.push(...featureLines, 'return pd.DataFrame(columns).replace([np.inf, -np.inf], np.nan)');
  const moment = [
    'def as_moment(column):',
    '    return pd.to_datetime(column, errors="coerce", utc=True, format="mixed")',
    '',
    '',
    '',
  ].join('\n');
  return `${table.dates.length > 0 ? moment : ''}def prepare(table):\n${indent(body.join('\n'), 4)}`;
}

function renderCrossValidate(table: Table): string {
  return [
    'def cross_validate(columns, target):',
    `    """Mean score over the folds; each is predicted by a model that has not seen it."""`,
    '    scores = []',
    `    folds = ${splitter(table)}(n_splits=FOLDS, shuffle=True, random_state=SEED)`,
    '    for number, (seen, unseen) in enumerate(folds.split(columns, target), start=1):',
    '        model = build_model().fit(columns.iloc[seen], target[seen])',
    '        predicted = predict(model, columns.iloc[unseen], target[seen])',
    '        scores.append(float(measure(target[unseen], predicted)))',
    '        print(f"fold {number} of {FOLDS}: {scores[-1]:.6f}", flush=True)',
    '    return sum(scores) / len(scores)',
  ].join('\n');
}

function renderMain(recipe: Recipe, table: Table): string {
  const readFile = (file: Table['train']): string => `read(${literal(file.path)}, ${literal(file.delimiter)})`;
  const lines = [
    `train = ${readFile(table.train)}`,
    ...(table.kind === 'regression' ? ['train[TARGET] = pd.to_numeric(train[TARGET], errors="coerce")'] : []),
    'train = train[train[TARGET].notna()]',
  ];
  if (recipe.rows !== null) {
    lines.push(
      `if len(train) > ${recipe.rows}:`,
      '    # A random draw of the rows, so that the script ends in time.',
      `    train = train.sample(${recipe.rows}, random_state=SEED)`,
    );
  }
  lines.push('target = train[TARGET].to_numpy(dtype=' + (table.kind === 'regression' ? 'float)' : 'str)'));
  if (table.kind !== 'regression') lines.push('CLASSES = np.unique(target)');
  lines.push(
    'columns = prepare(train)',
    'NUMBERS = [name for name in columns.columns if name not in CATEGORIES]',
    '',
    'score = cross_validate(columns, target)',
    'WORKING.mkdir(exist_ok=True)',
  );
  if (table.test !== null) {
    lines.push(
      '',
      '# The folds were only for the score: the predictions come from a model of all rows.',
      'model = build_model().fit(columns, target)',
      `test = ${readFile(table.test)}`,
      `write_submission(test, ${answerFunction(table)}(model, prepare(test), target))`,
    );
  }
  lines.push(
    '',
    '(WORKING / "result.json").write_text(json.dumps({"metric": score}))',
    `print(f"Validation metric (${table.metric.name}): {score:.6f}")`,
  );
  return lines.join('\n');
}
