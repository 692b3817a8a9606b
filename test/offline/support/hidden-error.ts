/** What a cell of a made-up table holds; null when it is missing. */
export type Cell = number | string | null;

/** Rows of a submission; its ids and answers hold no quotes except in the header. */
export function parseCsv(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

export function errorOf(
  metric: string,
  rows: readonly string[][],
  truth: readonly Cell[],
  classes: readonly string[],
): number {
  if (rows.length !== truth.length) throw new Error(`${rows.length} rows instead of ${truth.length}`);
  const answers = rows.map((row) => row[1] ?? '');
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  switch (metric) {
    case 'mae':
      return mean(answers.map((answer, row) => Math.abs(Number(answer) - Number(truth[row]))));
    case 'rmse':
      return Math.sqrt(mean(answers.map((answer, row) => (Number(answer) - Number(truth[row])) ** 2)));
    case 'accuracy':
      return mean(answers.map((answer, row) => (answer === truth[row] ? 0 : 1)));
    case 'roc_auc':
      return (
        1 -
        areaUnderCurve(
          answers.map(Number),
          truth.map((cell) => cell === classes[1]),
        )
      );
    case 'log_loss':
      return mean(
        rows.map((row, place) => -Math.log(Math.max(1e-15, Number(row[1 + classes.indexOf(String(truth[place]))])))),
      );
    default:
      throw new Error(`no such metric here: ${metric}`);
  }
}

function areaUnderCurve(scores: readonly number[], positive: readonly boolean[]): number {
  const high = scores.filter((_, row) => positive[row] === true);
  const low = scores.filter((_, row) => positive[row] !== true);
  const won = high.reduce(
    (sum, score) => sum + low.reduce((wins, other) => wins + (score > other ? 1 : score === other ? 0.5 : 0), 0),
    0,
  );
  return won / (high.length * low.length);
}

export function dummyError(
  metric: string,
  truth: readonly Cell[],
  known: readonly Cell[],
  classes: readonly string[],
): number {
  const share = (label: string): number => known.filter((cell) => cell === label).length / known.length;
  const numbers = known.map(Number).sort((left, right) => left - right);
  const answer = {
    mae: String(numbers[Math.floor(numbers.length / 2)]),
    rmse: String(numbers.reduce((sum, value) => sum + value, 0) / numbers.length),
    accuracy: [...classes].sort((left, right) => share(right) - share(left))[0] ?? '',
    roc_auc: '0.5',
  }[metric];
  const row = ['id', ...(answer === undefined ? classes.map((label) => String(share(label))) : [answer])];
  return errorOf(
    metric,
    truth.map(() => row),
    truth,
    classes,
  );
}
