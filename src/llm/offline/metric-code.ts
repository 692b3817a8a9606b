import { canonicalMetricName } from '../../domain/metrics';

export type ProblemKind = 'regression' | 'binary' | 'multiclass';

/** How a metric is computed in a script, from `truth` and `predicted`. */
export interface MetricCode {
  readonly name: string;
  readonly expression: string;
  readonly imports: readonly string[];
  /** What the model is asked for: numbers, labels, or a probability for each class. */
  readonly needs: 'value' | 'label' | 'probability';
  /** What the score cannot leave, if there is such a limit. */
  readonly range: { readonly lowest: number; readonly highest: number };
}

interface MetricEntry {
  readonly kinds: readonly ProblemKind[];
  readonly needs: MetricCode['needs'];
  readonly functionName: string;
  readonly expression: (kind: ProblemKind) => string;
  readonly range: MetricCode['range'];
}

const ABOVE_ZERO = { lowest: 0, highest: Infinity };
const SHARE = { lowest: 0, highest: 1 };
const AROUND_ZERO = { lowest: -1, highest: 1 };

function regression(functionName: string, range = ABOVE_ZERO): MetricEntry {
  const expression = (): string => `${functionName}(truth, predicted)`;
  return { kinds: ['regression'], needs: 'value', functionName, expression, range };
}

function labels(functionName: string, expression: (kind: ProblemKind) => string, range = SHARE): MetricEntry {
  return { kinds: ['binary', 'multiclass'], needs: 'label', functionName, expression, range };
}

function probabilities(
  functionName: string,
  kinds: readonly ProblemKind[],
  expression: (kind: ProblemKind) => string,
  range = SHARE,
): MetricEntry {
  return { kinds, needs: 'probability', functionName, expression, range };
}

/** Of two classes, the second in sorted order counts as the positive one: 1 of 0 and 1, yes of no and yes. */
const averaged =
  (functionName: string) =>
  (kind: ProblemKind): string =>
    kind === 'binary'
      ? `${functionName}(truth, predicted, pos_label=CLASSES[1], zero_division=0)`
      : `${functionName}(truth, predicted, average="macro", zero_division=0)`;

const POSITIVE = 'truth == CLASSES[1], predicted[:, 1]';

const rocAuc = probabilities('roc_auc_score', ['binary', 'multiclass'], (kind) =>
  kind === 'binary'
    ? `roc_auc_score(${POSITIVE})`
    : 'roc_auc_score(truth, predicted, multi_class="ovr", labels=CLASSES)',
);
const logLoss = probabilities(
  'log_loss',
  ['binary', 'multiclass'],
  () => 'log_loss(truth, predicted, labels=CLASSES)',
  ABOVE_ZERO,
);
const kappa = labels(
  'cohen_kappa_score',
  () => 'cohen_kappa_score(truth.astype(float), predicted.astype(float), weights="quadratic")',
  AROUND_ZERO,
);

/** By the one name that each has for all of coppice. */
const METRICS: Readonly<Record<string, MetricEntry>> = {
  rmse: regression('root_mean_squared_error'),
  mse: regression('mean_squared_error'),
  mae: regression('mean_absolute_error'),
  mape: regression('mean_absolute_percentage_error'),
  rmsle: regression('root_mean_squared_log_error'),
  r2: regression('r2_score', { lowest: -Infinity, highest: 1 }),
  accuracy: labels('accuracy_score', () => 'accuracy_score(truth, predicted)'),
  error: labels('accuracy_score', () => '1 - accuracy_score(truth, predicted)'),
  balanced_accuracy: labels('balanced_accuracy_score', () => 'balanced_accuracy_score(truth, predicted)'),
  f1: labels('f1_score', averaged('f1_score')),
  f1_macro: labels('f1_score', () => 'f1_score(truth, predicted, average="macro", zero_division=0)'),
  f1_weighted: labels('f1_score', () => 'f1_score(truth, predicted, average="weighted", zero_division=0)'),
  precision: labels('precision_score', averaged('precision_score')),
  recall: labels('recall_score', averaged('recall_score')),
  mcc: labels('matthews_corrcoef', () => 'matthews_corrcoef(truth, predicted)', AROUND_ZERO),
  qwk: kappa,
  roc_auc: rocAuc,
  average_precision: probabilities('average_precision_score', ['binary'], () => `average_precision_score(${POSITIVE})`),
  brier: probabilities('brier_score_loss', ['binary'], () => `brier_score_loss(${POSITIVE})`),
  log_loss: logLoss,
};

/** Names of the metrics that scripts can compute. */
export function computableMetrics(): readonly string[] {
  return Object.keys(METRICS);
}

/** Kinds of problem that the metric is for; null when it is not known here. */
export function metricKinds(name: string): readonly ProblemKind[] | null {
  return METRICS[canonicalMetricName(name)]?.kinds ?? null;
}

/** Whether the metric compares classes by their distance, so that labels must be numbers. */
export function needsNumericLabels(name: string): boolean {
  return METRICS[canonicalMetricName(name)]?.functionName === 'cohen_kappa_score';
}

/** How to compute the metric for a problem of this kind; null when it is not defined for it. */
export function metricCode(name: string, kind: ProblemKind): MetricCode | null {
  const entry = METRICS[canonicalMetricName(name)];
  if (!entry?.kinds.includes(kind)) return null;
  return {
    name: canonicalMetricName(name),
    expression: entry.expression(kind),
    imports: [`from sklearn.metrics import ${entry.functionName}`],
    needs: entry.needs,
    range: entry.range,
  };
}
