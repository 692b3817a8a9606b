import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { PLAIN_READING, TABLES_ALONE } from '../../../src/domain/preview';
import type { ColumnPreview, Preview, TablePreview } from '../../../src/domain/preview';
import { PLAIN_TASK } from '../../../src/domain/task';
import type { Task } from '../../../src/domain/task';
import { dummyError, errorOf, parseCsv, type Cell } from './hidden-error';

interface Column {
  readonly name: string;
  readonly type: ColumnPreview['type'];
  readonly cells: readonly Cell[];
  /** What the column adds to the relation, for each row, on a scale of about 1. */
  readonly effect: readonly number[];
}

export interface MadeUpTable {
  readonly description: string;
  readonly task: Task;
  readonly preview: Preview;
  /** Error of a submission on the rows that were never shown; smaller is better whatever the metric. */
  hiddenError(submission: string): number;
  /** Error of the best constant answer. */
  readonly dummyError: number;
}

const RELATIONS = ['linear', 'interactions', 'nonlinear'] as const;
const METRICS = {
  regression: ['rmse', 'mae'],
  binary: ['accuracy', 'roc_auc'],
  multiclass: ['accuracy', 'log_loss'],
} as const;
const KINDS = ['regression', 'binary', 'regression', 'multiclass'] as const;
const ODD_WORDS = ['größe', '🌳 height', 'a "quoted" one', 'x, y', "it's", 'tab_le', '列', 'B`tick', '50%', 'true?'];

/** Random numbers of one table. */
class Dice {
  private readonly generator;

  constructor(seed: number) {
    // Seeds that are neighbours would begin alike.
    this.generator = xoroshiro128plus(createHash('sha256').update(String(seed)).digest().readInt32BE(0));
  }

  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.generator);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.uniform(low, high + 1));
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  of<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

/** Makes a table with its task, and writes the files that scripts see; the hidden answers stay in memory. */
export function makeTable(seed: number, directory: string): MadeUpTable {
  const dice = new Dice(seed);
  const names = new Set<string>();
  const newName = (): string => {
    const letters = Array.from({ length: 5 }, () => String.fromCharCode(97 + dice.whole(0, 25))).join('');
    const name = dice.uniform() < 0.4 ? `${dice.of(ODD_WORDS)} ${letters}` : letters;
    if (names.has(name)) return newName();
    names.add(name);
    return name;
  };
  const kind = KINDS[seed % KINDS.length] ?? 'regression';
  const relation = RELATIONS[seed % RELATIONS.length] ?? 'linear';
  const metric = dice.of(METRICS[kind]);
  const seen = dice.whole(300, 1200);
  const rows = seen + 500;
  const columns = [
    ...Array.from({ length: dice.whole(3, 6) }, () => numberColumn(newName(), rows, dice)),
    ...Array.from({ length: dice.whole(1, 3) }, () => categoryColumn(newName(), rows, dice)),
    ...(dice.uniform() < 0.5 ? [booleanColumn(newName(), rows, dice)] : []),
    ...(dice.uniform() < 0.5 ? [dateColumn(newName(), rows, dice)] : []),
  ];
  const signal = standardized(relate(columns, relation, rows, dice)).map((value) => value + 0.3 * dice.normal());
  const target: Column = { name: newName(), effect: [], ...targetCells(kind, signal, dice) };
  const id: Column = {
    name: newName(),
    type: 'integer',
    cells: columns[0]!.cells.map((_, row) => row + 1),
    effect: [],
  };
  const holed = columns.map((column) => (dice.uniform() < 0.4 ? withHoles(column, dice) : column));
  const classes = [...new Set(target.cells.slice(0, seen).map(String))].sort();
  const perClass = metric === 'log_loss';
  const asked = perClass ? classes : [target.name];
  const filler = classes.length > 0 && kind !== 'regression' && metric === 'accuracy' ? classes[0]! : '0';
  const slice = (column: Column, from: number, to: number): Column => ({
    ...column,
    cells: column.cells.slice(from, to),
  });
  const train = [id, ...holed, target].map((column) => slice(column, 0, seen));
  const test = [id, ...holed].map((column) => slice(column, seen, rows));
  const sample = [
    slice(id, seen, rows),
    ...asked.map((name): Column => ({ name, type: 'text', cells: test[0]!.cells.map(() => filler), effect: [] })),
  ];
  mkdirSync(directory, { recursive: true });
  const files = { 'train.csv': train, 'test.csv': test, 'sample.csv': sample };
  for (const [name, table] of Object.entries(files)) writeFileSync(path.join(directory, name), toCsv(table));
  const truth = target.cells.slice(seen);
  const known = target.cells.slice(0, seen);
  return {
    description: `seed ${seed}: ${kind}, ${relation}, ${metric}, ${seen} rows, ${columns.length} columns`,
    task: {
      ...PLAIN_TASK,
      name: 'made-up',
      goal: 'predict',
      dataDirectory: directory,
      metric,
      direction: metric === 'accuracy' || metric === 'roc_auc' ? 'maximize' : 'minimize',
      target: target.name,
      id: id.name,
      train: 'train.csv',
      test: 'test.csv',
      sample: 'sample.csv',
    },
    preview: {
      ...TABLES_ALONE,
      files: Object.keys(files).map((name) => ({ path: name, bytes: 1 })),
      filesLeftOut: 0,
      tables: Object.entries(files).map(([name, table]) => previewTable(name, table)),
      problems: [],
    },
    hiddenError: (submission) => errorOf(metric, parseCsv(submission).slice(1), truth, classes),
    dummyError: dummyError(metric, truth, known, classes),
  };
}

function numberColumn(name: string, rows: number, dice: Dice): Column {
  const form = dice.of(['normal', 'lognormal', 'uniform', 'integer'] as const);
  const scale = dice.uniform(1, 50);
  const draw = {
    normal: (): number => dice.normal() * scale,
    lognormal: (): number => Math.exp(0.8 * dice.normal()),
    uniform: (): number => dice.uniform(0, 10),
    integer: (): number => dice.whole(0, 40),
  }[form];
  const cells = Array.from({ length: rows }, () => Number(draw().toPrecision(6)));
  return { name, type: form === 'integer' ? 'integer' : 'number', cells, effect: standardized(cells) };
}

function categoryColumn(name: string, rows: number, dice: Dice): Column {
  const levels = Array.from({ length: dice.whole(3, 10) }, (_, level) => `${dice.of(ODD_WORDS)}-${level}`);
  const effects = levels.map(() => 0.7 * dice.normal());
  const drawn = Array.from({ length: rows }, () => dice.whole(0, levels.length - 1));
  const cells = drawn.map((level) => levels[level] ?? '');
  return { name, type: 'text', cells, effect: drawn.map((level) => effects[level] ?? 0) };
}

function booleanColumn(name: string, rows: number, dice: Dice): Column {
  const drawn = Array.from({ length: rows }, () => dice.uniform() < 0.4);
  const weight = dice.normal();
  return { name, type: 'boolean', cells: drawn.map(String), effect: drawn.map((value) => (value ? weight : 0)) };
}

function dateColumn(name: string, rows: number, dice: Dice): Column {
  const days = Array.from({ length: rows }, () => dice.whole(0, 1000));
  const cells = days.map((day) => new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10));
  return { name, type: 'date', cells, effect: standardized(days) };
}

function relate(columns: readonly Column[], relation: (typeof RELATIONS)[number], rows: number, dice: Dice): number[] {
  const numbers = columns.filter(({ type }) => type === 'number' || type === 'integer');
  const weights = columns.map((column) => (numbers.includes(column) ? dice.normal() : 1));
  const pairs = Array.from({ length: 3 }, () => [dice.of(numbers), dice.of(numbers), dice.normal()] as const);
  const waves = columns.map(() => [1.5 * dice.normal(), 0.7 * dice.normal()] as const);
  return Array.from({ length: rows }, (_, row) => {
    const effects = columns.map((column) => column.effect[row] ?? 0);
    const straight = effects.reduce((sum, effect, index) => sum + effect * (weights[index] ?? 0), 0);
    if (relation === 'linear') return straight;
    if (relation === 'interactions') {
      return pairs.reduce(
        (sum, [a, b, weight]) => sum + weight * (a.effect[row] ?? 0) * (b.effect[row] ?? 0),
        straight / 2,
      );
    }
    return columns.reduce((sum, column, index) => {
      const effect = effects[index] ?? 0;
      const [wave, square] = waves[index] ?? [0, 0];
      return sum + (numbers.includes(column) ? wave * Math.sin(2 * effect) + square * effect ** 2 : effect);
    }, 0);
  });
}

function targetCells(
  kind: (typeof KINDS)[number],
  signal: readonly number[],
  dice: Dice,
): Pick<Column, 'type' | 'cells'> {
  if (kind === 'regression') {
    const tailed = dice.uniform() < 0.4;
    const cells = signal.map((value) =>
      Number((tailed ? Math.exp(Math.max(-3, Math.min(3, value))) * 100 : value * 10 + 30).toPrecision(6)),
    );
    return { type: 'number', cells };
  }
  const labels = dice.of([
    ['no', 'yes', 'perhaps'],
    ['0', '1', '2'],
    ['False', 'True', 'None'],
  ] as const);
  const sorted = [...signal].sort((left, right) => left - right);
  const cut = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? 0;
  const cuts = kind === 'binary' ? [cut(0.6)] : [cut(0.4), cut(0.75)];
  const cells = signal.map((value) => labels[cuts.filter((limit) => value >= limit).length] ?? '');
  return { type: labels[0] === '0' ? 'integer' : 'text', cells };
}

function withHoles(column: Column, dice: Dice): Column {
  return { ...column, cells: column.cells.map((cell) => (dice.uniform() < 0.1 ? null : cell)) };
}

function standardized(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / (spread || 1));
}

function previewTable(name: string, columns: readonly Column[]): TablePreview {
  const rows = columns[0]?.cells.length ?? 0;
  return {
    ...PLAIN_READING,
    rowsEstimated: null,
    path: name,
    rows,
    rowsExact: true,
    columns: columns.map((column) => previewColumn(column)),
    columnsLeftOut: 0,
  };
}

function previewColumn({ name, type, cells }: Column): ColumnPreview {
  const filled = cells.filter((cell) => cell !== null);
  const numbers = type === 'integer' || type === 'number' ? filled.map(Number) : [];
  const some = numbers.length > 0;
  return {
    name,
    type,
    missing: cells.length - filled.length,
    distinct: new Set(filled).size,
    minimum: some ? Math.min(...numbers) : null,
    maximum: some ? Math.max(...numbers) : null,
    mean: some ? numbers.reduce((sum, value) => sum + value, 0) / numbers.length : null,
    examples: [...new Set(filled)].slice(0, 5).map(String),
    dateFormats: [],
  };
}

function toCsv(columns: readonly Column[]): string {
  const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const header = columns.map(({ name }) => quote(name)).join(',');
  const rows = (columns[0]?.cells ?? []).map((_, row) =>
    columns.map(({ cells }) => quote(String(cells[row] ?? ''))).join(','),
  );
  return [header, ...rows, ''].join('\n');
}
