import { call } from '../python';
import type { ColumnBlock } from './block';
import { isWide, numbersOf } from './column-situations';

function keeping(most: number, worth: number): ColumnBlock {
  return {
    kind: 'selection',
    name: `best_${most}`,
    title: `the ${most} columns of numbers that go with the target most`,
    steps: (table) => {
      const measure = table.kind === 'regression' ? 'f_regression' : 'f_classif';
      const { code, imports } = call(
        { module: 'sklearn.feature_selection', name: 'SelectKBest' },
        { score_func: { raw: measure }, k: most },
      );
      return [{ code, imports: [...imports, `from sklearn.feature_selection import ${measure}`] }];
    },
    applies: (table) => isWide(table) && numbersOf(table) > most,
    why: 'Among very many columns most tell nothing, and each is a chance to be misled.',
    worth: () => worth,
  };
}

/** Which columns of a very wide table are kept. */
export const SELECTIONS: readonly ColumnBlock[] = [keeping(100, 68), keeping(30, 67), keeping(400, 65)];
