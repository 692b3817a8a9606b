import type { Direction } from './direction';

/**
 * What a metric compares predictions with labels as.
 *
 * - `values`: finite numbers
 * - `classes`: one label
 * - `probabilities`: how likely or how high the second of two classes is, or a column for each class
 * - `lists`: items parted by spaces, best first
 */
export type Comparison = 'values' | 'classes' | 'probabilities' | 'lists';

/** A metric that the grade worker computes itself. */
export interface Scorer {
  readonly name: string;
  readonly direction: Direction;
  readonly compares: Comparison;
  /** How many items of a list count; null for metrics without lists. */
  readonly depth: number | null;
}

type ScorerEntry = readonly [Direction, Comparison];

const SCORERS: Readonly<Record<string, ScorerEntry>> = {
  accuracy: ['maximize', 'classes'],
  balanced_accuracy: ['maximize', 'classes'],
  roc_auc: ['maximize', 'probabilities'],
  average_precision: ['maximize', 'probabilities'],
  f1: ['maximize', 'classes'],
  f1_macro: ['maximize', 'classes'],
  f1_micro: ['maximize', 'classes'],
  f1_weighted: ['maximize', 'classes'],
  precision: ['maximize', 'classes'],
  precision_macro: ['maximize', 'classes'],
  precision_micro: ['maximize', 'classes'],
  precision_weighted: ['maximize', 'classes'],
  recall: ['maximize', 'classes'],
  recall_macro: ['maximize', 'classes'],
  recall_micro: ['maximize', 'classes'],
  recall_weighted: ['maximize', 'classes'],
  r2: ['maximize', 'values'],
  qwk: ['maximize', 'classes'],
  mcc: ['maximize', 'classes'],
  rmse: ['minimize', 'values'],
  mse: ['minimize', 'values'],
  mae: ['minimize', 'values'],
  mape: ['minimize', 'values'],
  rmsle: ['minimize', 'values'],
  log_loss: ['minimize', 'probabilities'],
  brier: ['minimize', 'probabilities'],
  error: ['minimize', 'classes'],
};

/** Other names in use for the same thing. */
const ALIASES: Readonly<Record<string, string>> = {
  auc: 'roc_auc',
  auroc: 'roc_auc',
  logloss: 'log_loss',
  cross_entropy: 'log_loss',
  quadratic_weighted_kappa: 'qwk',
  matthews_corrcoef: 'mcc',
  macro_f1: 'f1_macro',
  micro_f1: 'f1_micro',
  weighted_f1: 'f1_weighted',
  root_mean_squared_error: 'rmse',
  mean_squared_error: 'mse',
  mean_absolute_error: 'mae',
  mean_absolute_percentage_error: 'mape',
  root_mean_squared_log_error: 'rmsle',
  root_mean_squared_logarithmic_error: 'rmsle',
};

/** Metrics of a known direction that have no scorer: how deep, or how graded, a list is has to be said. */
const UNSCORED: Readonly<Record<string, Direction>> = { map: 'maximize', ndcg: 'maximize' };

/** `map@3`, `MAP at 12`: mean average precision of the first so many items. */
const MAP_AT = /^map_?(?:@|at)_?([1-9]\d{0,3})$/;

/** Names as tasks use them (`ROC AUC`, `log-loss`) brought to one form. */
export function normalizeMetricName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** The scorer of a metric, or null when only the task's own can score it. */
export function scorerOf(metric: string): Scorer | null {
  const normalized = normalizeMetricName(metric);
  const depth = MAP_AT.exec(normalized)?.[1];
  if (depth !== undefined) return { name: 'map', direction: 'maximize', compares: 'lists', depth: Number(depth) };
  const bare = normalized.replace(/_score$/, '');
  const name = ALIASES[normalized] ?? ALIASES[bare] ?? bare;
  const entry = Object.hasOwn(SCORERS, name) ? SCORERS[name] : undefined;
  return entry === undefined ? null : { name, direction: entry[0], compares: entry[1], depth: null };
}

/** The one name of a metric that has several; what is not known here keeps its own. */
export function canonicalMetricName(metric: string): string {
  return scorerOf(metric)?.name ?? normalizeMetricName(metric);
}

/** The direction of a known metric, or null when the task must say it. */
export function knownDirection(metric: string): Direction | null {
  return scorerOf(metric)?.direction ?? UNSCORED[normalizeMetricName(metric)] ?? null;
}

export function knownMetrics(): readonly string[] {
  return [...Object.keys(SCORERS), ...Object.keys(ALIASES), ...Object.keys(UNSCORED), 'map@3'];
}
