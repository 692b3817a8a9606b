import type { PythonValue } from '../python';
import { call } from '../python';
import type { Table } from '../table';
import type { FamilyBlock, SettingChange, Settings, Situation } from './block';

export const COMPLETE = ['median', 'indicator'] as const;
export const TREES_PREFER = {
  missing: COMPLETE,
  scaling: [null],
  categories: ['ordinal', 'target_mean', 'one_hot'],
  expansion: [],
  words: ['topics'],
} as const;
export const SCALED = {
  missing: COMPLETE,
  scaling: ['standard', 'quantile'],
  categories: ['one_hot', 'target_mean', 'ordinal'],
  expansion: [],
  words: ['tfidf', 'topics'],
} as const;

/** Metrics under which a rare class counts as much as a frequent one. */
const EVEN_METRICS = /^(balanced_accuracy|f1|f1_macro|mcc|recall)$/;

export const balanced: SettingChange = {
  name: 'balanced_classes',
  why: 'The metric counts rare classes as much as frequent ones, so the model should too.',
  settings: { class_weight: 'balanced' },
  worth: ({ table, recipe }) =>
    table.kind !== 'regression' && EVEN_METRICS.test(table.metric.name) && !('class_weight' in recipe.model.settings)
      ? 88
      : 0,
};

/** Builds an estimator whose class name ends in Regressor or Classifier. */
export function treeEnsemble(
  name: string,
  defaults: Readonly<Record<string, PythonValue | { readonly raw: string }>>,
): FamilyBlock['estimator'] {
  return (table: Table, settings: Settings, extra) =>
    call(
      { module: 'sklearn.ensemble', name: `${name}${table.kind === 'regression' ? 'Regressor' : 'Classifier'}` },
      { ...defaults, ...settings, ...extra, random_state: { raw: 'SEED' } },
    );
}

/** Offers a change of one setting while the model has none other than its default there. */
export function untouched(key: string, worth: number): SettingChange['worth'] {
  return ({ recipe }: Situation) => (key in recipe.model.settings ? 0 : worth);
}

export const regressionOnly =
  (worth: SettingChange['worth']): SettingChange['worth'] =>
  (situation) =>
    situation.table.kind === 'regression' ? worth(situation) : 0;

export const classesOnly =
  (worth: SettingChange['worth']): SettingChange['worth'] =>
  (situation) =>
    situation.table.kind === 'regression' ? 0 : worth(situation);

export const manyClasses =
  (worth: SettingChange['worth']): SettingChange['worth'] =>
  (situation) =>
    situation.table.kind === 'multiclass' ? worth(situation) : 0;

export const notMany =
  (worth: SettingChange['worth']): SettingChange['worth'] =>
  (situation) =>
    situation.table.kind === 'multiclass' ? 0 : worth(situation);
