import type { BlockList } from './blocks/block-list';
import { pairedColumns } from './blocks/others';
import { importLines, listAssignment, literal } from './python';
import type { Recipe } from './recipe';
import { recipeLine } from './recipe';
import { answerFunction, renderAnswers } from './render-answers';
import { renderModel } from './render-model';
import { renderPrepare } from './render-prepare';
import { readCall, renderRead } from './render-read';
import type { Table } from './table';

const DOCSTRING_WIDTH = 100;

/** The whole script of a recipe: a function of its arguments alone. */
export function renderScript(recipe: Recipe, table: Table, blocks: BlockList, title: string): string {
  const used = withoutColumns(table, recipe.without);
  const features = recipe.features.flatMap((name) => blocks.feature(name) ?? []);
  const featureLines = features.flatMap((block) => [...block.lines(used)]);
  const model = renderModel(recipe, used, blocks);
  const answers = renderAnswers(recipe, used, blocks.target(recipe.target)?.leavesGaps ?? false);
  const constants = renderConstants(recipe, used, blocks);
  const prepare = renderPrepare(used, featureLines);
  const read = renderRead(used, recipe);
  const imports = importLines([
    'import json',
    'from pathlib import Path',
    'import numpy as np',
    'import pandas as pd',
    `from sklearn.model_selection import ${splitter(used)}`,
    ...features.flatMap((block) => (block.lines(used).length > 0 ? [...block.imports] : [])),
    ...read.imports,
    ...model.imports,
    ...answers.imports,
  ]);
  const standard = imports.filter((line) => /^import (gzip|io|json|zipfile)$|^from (pathlib|itertools)/.test(line));
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
    ...(read.code === '' ? [] : [read.code, '', '']),
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
    wordy: kept(table.wordy),
    texts: kept(table.texts),
    dates: table.dates.filter(({ name }) => !without.includes(name)),
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

function renderConstants(recipe: Recipe, table: Table, blocks: BlockList): string {
  const lists: [string, readonly string[]][] = [
    ['CATEGORIES', table.categories],
    ['NUMERIC', table.numeric],
    ['TEXTS', table.texts],
    ['TIMES', table.times],
  ];
  const optional = new Set(['TEXTS', 'TIMES']);
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
    ...(table.dates.length === 0 ? [] : [datesAssignment(table.dates)]),
  ];
  const named = [recipe.model, ...recipe.blend].some(({ words }) => blocks.column('words', words)?.columns === 'names');
  if (named) lines.push(listAssignment('NAMES', [...table.texts, ...table.wordy]));
  if (table.undescribed > 0)
    lines.push(
      listAssignment(
        'LEFT_OUT',
        table.leftOut.map(({ name }) => name),
      ),
    );
  if (recipe.features.includes('ratios') || recipe.features.includes('products')) {
    lines.push(listAssignment('PAIRED', pairedColumns(table)));
  }
  if (recipe.features.includes('logarithms')) lines.push(listAssignment('SKEWED', table.skewed));
  if (table.leftOut.length > 0) {
    lines.push('# Left out:', ...table.leftOut.slice(0, 20).map(({ name, why }) => `# - ${literal(name)}: ${why}`));
    if (table.leftOut.length > 20) lines.push(`# - and ${table.leftOut.length - 20} more`);
  }
  if (table.otherTables.length > 0) {
    lines.push(
      '# Tables that this script does not look at:',
      ...table.otherTables.slice(0, 20).map((name) => `# - ${literal(name)}`),
    );
  }
  return lines.join('\n');
}

/** Each column with the ways its dates are written in; none for ISO dates. */
function datesAssignment(dates: Table['dates']): string {
  const entries = dates.map(({ name, formats }) => `    ${literal(name)}: [${formats.map(literal).join(', ')}],\n`);
  return `DATES = {\n${entries.join('')}}`;
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
  const readTest = table.test === null ? [] : [`test = ${readCall(table.test)}`];
  const lines = [
    `train = ${readCall(table.train)}`,
    ...(table.undescribed > 0 ? [...readTest, ...undescribed(table)] : []),
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
    `NUMBERS = [name for name in columns.columns if name not in ${table.texts.length > 0 ? '[*CATEGORIES, *TEXTS]' : 'CATEGORIES'}]`,
    '',
    'score = cross_validate(columns, target)',
    'WORKING.mkdir(exist_ok=True)',
  );
  if (table.test !== null) {
    lines.push(
      '',
      '# The folds were only for the score: the predictions come from a model of all rows.',
      'model = build_model().fit(columns, target)',
      ...(table.undescribed > 0 ? [] : readTest),
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

/** Which of the columns that the preview leaves out are used: those of numbers. */
function undescribed(table: Table): readonly string[] {
  const known = ['TARGET', ...(table.id === null ? [] : ['ID']), '*NUMERIC', '*CATEGORIES', '*LEFT_OUT'];
  if (table.texts.length > 0) known.push('*TEXTS');
  if (table.dates.length > 0) known.push('*DATES');
  if (table.times.length > 0) known.push('*TIMES');
  return [
    '# The preview describes only some of the columns; of the others, those of numbers are used.',
    `known = {${known.join(', ')}}`,
    `for name in train.columns${table.test === null ? '' : '.intersection(test.columns)'}:`,
    '    if name not in known and pd.to_numeric(train[name], errors="coerce").notna().mean() > 0.5:',
    '        NUMERIC.append(name)',
  ];
}
