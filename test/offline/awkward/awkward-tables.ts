import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunSpec } from '../../../src/domain/run-spec';
import { AWKWARD_CASES } from '../../task/awkward-data/all-cases';
import { environmentPython } from '../support/run-script';
import type { Row } from './plain-rows';
import { csv, houses, without } from './plain-rows';

/** A data set as people have them, made anew for a test. */
export interface AwkwardTable {
  readonly name: string;
  /** Writes the files and says what the task is. */
  readonly make: (directory: string) => RunSpec['task'] | Promise<RunSpec['task']>;
}

type Settings = Exclude<RunSpec['task'], string>;

const TRAIN_ROWS = 160;
const ALL = houses(220);

type Write = (name: string, rows: readonly Row[]) => void;

/** Training table, table to predict and sample, each put into its file by `write`. */
function three(write: Write, extension: string, all: readonly Row[] = ALL): void {
  const test = all.slice(TRAIN_ROWS);
  write(`train.${extension}`, all.slice(0, TRAIN_ROWS));
  write(`test.${extension}`, without(test, 'price'));
  write(
    'sample_submission.csv',
    test.map((row) => ({ id: row['id'] ?? null, price: 0 })),
  );
}

function settingsFor(directory: string, more: Partial<Settings> = {}): Settings {
  return { data: directory, goal: 'Predict the price.', metric: 'rmse', target: 'price', ...more };
}

/** The same houses with other columns. */
function variant(name: string, change: (row: Row, index: number) => Row, more: Partial<Settings> = {}): AwkwardTable {
  return {
    name,
    make: (directory) => {
      const write: Write = (file, rows) => {
        writeFileSync(path.join(directory, file), csv(rows));
      };
      three(write, 'csv', ALL.map(change));
      return settingsFor(directory, more);
    },
  };
}

const TO_PARQUET = 'import sys, pandas as pd; pd.read_csv(sys.argv[1]).to_parquet(sys.argv[2])';

const parquet: AwkwardTable = {
  name: 'Parquet',
  make: (directory) => {
    const write: Write = (file, rows) => {
      const plain = path.join(directory, file.replace('.parquet', '.csv'));
      writeFileSync(plain, csv(rows));
      if (!file.endsWith('.parquet')) return;
      execFileSync(environmentPython(), ['-c', TO_PARQUET, plain, path.join(directory, file)]);
      rmSync(plain);
    };
    three(write, 'parquet');
    return settingsFor(directory);
  },
};

const OTHERS: readonly AwkwardTable[] = [
  parquet,
  variant('words for missing numbers', (row, index) => ({
    ...row,
    rooms: index % 5 === 0 ? (['NA', 'n/a', '?'][index % 3] ?? null) : (row['rooms'] ?? null),
  })),
  variant('classes with leading zeros', (row) => ({ ...row, price: Number(row['price']) > 130_000 ? '007' : '070' }), {
    metric: 'accuracy',
  }),
  variant(
    'one class in fifteen',
    (row, index) => ({ ...row, price: Number(row['price']) > 215_000 || index % 40 === 0 ? 1 : 0 }),
    {
      metric: 'auc',
    },
  ),
  variant(
    'nothing but text',
    ({ id = null, text = null }) => ({ id, text, price: /garden|view|park/.test(String(text)) ? 'good' : 'bad' }),
    { metric: 'accuracy' },
  ),
  variant('a target of one value', (row) => ({ ...row, price: 1 }), { metric: 'accuracy' }),
];

const PREVIEWED: readonly AwkwardTable[] = AWKWARD_CASES.map(({ name, files, task }) => ({
  name,
  make: (directory) => {
    for (const [file, content] of Object.entries(files())) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), content);
    }
    return task === null ? directory : { data: directory, goal: 'guess', ...task };
  },
}));

/** What the preview is tested with, and more that is awkward only to learn from. */
export const AWKWARD_TABLES: readonly AwkwardTable[] = [...PREVIEWED, ...OTHERS];
