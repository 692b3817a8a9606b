import { onOneLine } from '../domain/on-one-line';
import type { Direction } from '../domain/direction';

/** A metric that a text names, and where it does. */
export interface NamedMetric {
  readonly metric: string;
  /** The sentence that names it, on one line and cut to 120 characters. */
  readonly sentence: string;
}

export type MetricInText =
  | { readonly status: 'found'; readonly named: NamedMetric }
  /** Several are named alike; their names. */
  | { readonly status: 'several'; readonly metrics: readonly string[] }
  | { readonly status: 'none' };

/** How people write the metrics that coppice knows; of two at one place the longer one is meant. */
const WORDS: readonly (readonly [string, RegExp])[] = [
  ['rmsle', /root[- ]mean[- ]squared?[- ]log(?:arithmic)?[- ]error|\brmsle\b/gi],
  ['rmse', /root[- ]mean[- ]squared?[- ]error|\brmse\b/gi],
  ['mse', /mean[- ]squared?[- ]error|\bmse\b/gi],
  ['mape', /mean absolute percentage error|\bmape\b/gi],
  ['mae', /mean absolute error|\bmae\b/gi],
  ['r2', /coefficient of determination|\br[- ]?squared\b|\br\^?2\b|\br²/gi],
  [
    'roc_auc',
    /area under (?:the )?(?:roc|receiver operating characteristic)(?: curve)?|\broc[-_ ]?auc\b|\bau(?:ro)?c\b/gi,
  ],
  ['average_precision', /\baverage precision\b|\bpr[-_ ]?auc\b|area under the precision[- ]recall curve/gi],
  ['map', /mean average precision|\bmap\b(?=@)/gi],
  ['log_loss', /\blog(?:arithmic)?[-_ ]?loss\b|\bcross[- ]entropy\b/gi],
  ['balanced_accuracy', /\bbalanced[-_ ]accuracy\b/gi],
  ['accuracy', /\baccuracy\b/gi],
  ['f1_macro', /\bmacro[- ](?:averaged )?f1(?:[-_ ]score)?\b|\bf1[-_ ]macro\b/gi],
  ['f1_micro', /\bmicro[- ](?:averaged )?f1(?:[-_ ]score)?\b|\bf1[-_ ]micro\b/gi],
  ['f1_weighted', /\bweighted[- ](?:averaged )?f1(?:[-_ ]score)?\b|\bf1[-_ ]weighted\b/gi],
  ['f1', /\bf1(?:[-_ ]score)?\b|\bf-?measure\b/gi],
  ['qwk', /\bquadratic(?:ally)?[- ]weighted[- ]kappa\b|\bqwk\b/gi],
  ['mcc', /\bmatthews[- ]correlation[- ]coefficient\b|\bmcc\b/gi],
  ['brier', /\bbrier(?:[- ]score)?\b/gi],
];

/** The depth of a mean average precision: `MAP@3`. */
const DEPTH = /^[^.\n]{0,40}?@\s?([1-9]\d{0,3})\b/;

const SAYS_SO =
  /\b(?:evaluated|scored|ranked|judged|assessed|measured)\s+(?:\w+\s+){0,2}?(?:on|by|using|with|via|in terms of|against)\b/i;
const ABOUT_IT = /\bevaluat|\bmetric|\bscor(?:e|ed|ing)\b|\bleaderboard\b/i;

interface Mention extends NamedMetric {
  readonly start: number;
  readonly end: number;
  /** How plainly the text says that this is the measure: 2 says so, 1 speaks about it, 0 only mentions it. */
  readonly weight: number;
}

/** The metric that a task's description says scores are measured by. */
export function metricInText(text: string): MetricInText {
  const mentions = withoutContained(WORDS.flatMap(([metric, words]) => mentionsOf(text, metric, words)));
  const heaviest = Math.max(-1, ...mentions.map(({ weight }) => weight));
  const best = mentions.filter(({ weight }) => weight === heaviest);
  const metrics = [...new Set(best.map(({ metric }) => metric))];
  const [first] = best;
  if (first === undefined) return { status: 'none' };
  return metrics.length > 1 ? { status: 'several', metrics } : { status: 'found', named: first };
}

/** Whether a text says that more or less is better. */
export function directionInText(text: string): { readonly direction: Direction; readonly sentence: string } | null {
  const more = /\b(?:higher|larger|greater|bigger)\b[^.\n]{0,30}\bbetter\b|\bmaximi[sz]e\b/i.exec(text);
  const less = /\b(?:lower|smaller|less)\b[^.\n]{0,30}\bbetter\b|\bminimi[sz]e\b/i.exec(text);
  const found = more ?? less;
  if (found === null || (more !== null && less !== null)) return null;
  return { direction: more === null ? 'minimize' : 'maximize', sentence: sentenceAround(text, found.index) };
}

function mentionsOf(text: string, metric: string, words: RegExp): Mention[] {
  return [...text.matchAll(words)].map((match) => {
    const { index: start } = match;
    const end = start + match[0].length;
    const sentence = sentenceAround(text, start);
    const depth = metric === 'map' ? DEPTH.exec(text.slice(end))?.[1] : undefined;
    const weight = SAYS_SO.test(sentence)
      ? 2
      : ABOUT_IT.test(sentence) || ABOUT_IT.test(headingAbove(text, start))
        ? 1
        : 0;
    return {
      metric: depth === undefined ? metric : `map@${depth}`,
      sentence: sentence.slice(0, 120),
      start,
      end,
      weight,
    };
  });
}

/** `mean squared error` is not named by `root mean squared error`. */
function withoutContained(mentions: readonly Mention[]): readonly Mention[] {
  return mentions
    .filter(
      (one) =>
        !mentions.some(
          (other) => other.start <= one.start && one.end <= other.end && other.end - other.start > one.end - one.start,
        ),
    )
    .sort((left, right) => left.start - right.start);
}

function sentenceAround(text: string, position: number): string {
  const before = text.slice(0, position);
  const start = Math.max(before.lastIndexOf('. ') + 1, before.lastIndexOf('\n\n') + 1, before.lastIndexOf('\n#') + 1);
  const rest = text.slice(position);
  const end = /[.!?](?:\s|$)|\n\s*\n|\n#/.exec(rest)?.index ?? rest.length;
  return onOneLine(`${text.slice(start, position)}${rest.slice(0, end)}`);
}

function headingAbove(text: string, position: number): string {
  const headings = [...text.slice(0, position).matchAll(/^#{1,6} .*$|^\*\*[^*\n]+\*\*$/gm)];
  return headings.at(-1)?.[0] ?? '';
}
