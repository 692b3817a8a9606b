import type { Direction } from './direction';

/** Metrics whose direction is common knowledge; any other name needs a direction from the task. */
const DIRECTION_BY_METRIC: Readonly<Record<string, Direction>> = {
  accuracy: 'maximize',
  balanced_accuracy: 'maximize',
  auc: 'maximize',
  roc_auc: 'maximize',
  average_precision: 'maximize',
  f1: 'maximize',
  f1_macro: 'maximize',
  f1_weighted: 'maximize',
  precision: 'maximize',
  recall: 'maximize',
  r2: 'maximize',
  qwk: 'maximize',
  quadratic_weighted_kappa: 'maximize',
  mcc: 'maximize',
  map: 'maximize',
  ndcg: 'maximize',
  rmse: 'minimize',
  mse: 'minimize',
  mae: 'minimize',
  mape: 'minimize',
  rmsle: 'minimize',
  log_loss: 'minimize',
  logloss: 'minimize',
  brier: 'minimize',
  error: 'minimize',
};

/** Names as tasks use them (`ROC AUC`, `log-loss`) brought to one form. */
export function normalizeMetricName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** The direction of a known metric, or null when the task must say it. */
export function knownDirection(metric: string): Direction | null {
  return DIRECTION_BY_METRIC[normalizeMetricName(metric)] ?? null;
}

export function knownMetrics(): readonly string[] {
  return Object.keys(DIRECTION_BY_METRIC);
}
