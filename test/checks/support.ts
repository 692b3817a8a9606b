import { runCheck } from '../../src/checks/run-check';
import type { Mark } from '../../src/domain/marks';
import { realPython } from '../sandbox/real-python';

/** What nearly every script begins with; it has PRELUDE_LINES lines. */
const PRELUDE = `import numpy as np
import pandas as pd
import lightgbm as lgb
from pathlib import Path
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
train = pd.read_csv("./input/train.csv")
test = pd.read_csv("./input/test.csv")
`;
export const PRELUDE_LINES = PRELUDE.split('\n').length - 1;

const python = realPython();

/** The marks of a script that goes on after the prelude. The target is `price`. */
export function checkScript(body: string): Promise<readonly Mark[]> {
  const task = { train: 'train.csv', test: 'test.csv', target: 'price' };
  return runCheck(python, { check: 'script', code: PRELUDE + body, task }, 60_000);
}

export function checkRepair(parent: string, output: string, repaired: string): Promise<readonly Mark[]> {
  return runCheck(python, { check: 'repair', parent, output, repaired }, 60_000);
}

/** Text without the indentation that it has in a test. */
export function unindented(text: string): string {
  const lines = text.replace(/^\n/, '').split('\n');
  const width = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(width)).join('\n');
}
