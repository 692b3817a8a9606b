import type { SettingChange } from './block';
import { COMPLETE, manyClasses, notMany, TREES_PREFER, untouched } from './family-settings';

/** What boosted trees can make of columns: unlike other trees they take missing values as they are. */
export const BOOSTING_PREFERS = { ...TREES_PREFER, missing: ['native', ...COMPLETE] } as const;

const SLOWER = 'More and smaller steps usually end nearer to the best fit.';

/** @param steps the setting for the number of steps; each grows a tree for every class, so several classes get fewer */
export function slowerLearning(steps: string): readonly SettingChange[] {
  return [
    {
      name: 'slower_learning',
      why: SLOWER,
      settings: { learning_rate: 0.05, [steps]: 300 },
      worth: notMany(untouched('learning_rate', 78)),
    },
    {
      name: 'slower_learning_classes',
      why: SLOWER,
      settings: { learning_rate: 0.05, [steps]: 150 },
      worth: manyClasses(untouched('learning_rate', 78)),
    },
  ];
}

export function largerLeaves(setting: string, rows: number): SettingChange {
  return {
    name: 'larger_leaves',
    why: 'A leaf with more rows gives a steadier prediction.',
    settings: { [setting]: rows },
    worth: untouched(setting, 56),
  };
}

export function penalisedLeaves(setting: string, penalty: number): SettingChange {
  return {
    name: 'penalised_leaves',
    why: 'A penalty on the leaves holds back predictions that few rows support.',
    settings: { [setting]: penalty },
    worth: untouched(setting, 54),
  };
}

/** @param when says how often the columns are drawn, as in `at each split` */
export function randomColumns(setting: string, when: string): SettingChange {
  return {
    name: 'random_columns',
    why: `Trees that see a random half of the columns ${when} differ more and generalise better.`,
    settings: { [setting]: 0.5 },
    worth: untouched(setting, 62),
  };
}
