/** What a script reported as its score: a finite number, something that is none, or nothing. */
export type ReportedMetric =
  | { readonly status: 'value'; readonly value: number }
  | { readonly status: 'bad'; readonly message: string }
  | { readonly status: 'none'; readonly message: string };

const METRIC_LINE =
  /^\s*(?:validation\s+)?metric(?:\s*\([^)]{0,80}\))?\s*[:=]\s*([+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?))\s*$/i;

/** Whether a line of output reports a score: `metric: number` or `Validation metric (NAME): number`. */
export function isMetricLine(line: string): boolean {
  return METRIC_LINE.test(line);
}

/** The score in a line of output; NaN and infinity are bad, a line of another form reports nothing. */
export function metricFromLine(line: string): ReportedMetric {
  const text = METRIC_LINE.exec(line)?.[1];
  if (text === undefined) return { status: 'none', message: 'the line reports no score' };
  const value = Number(text);
  if (Number.isFinite(value)) return { status: 'value', value };
  return { status: 'bad', message: `the reported metric is ${text}, expected a finite number` };
}

/** The score in the text of `result.json`: the finite number under the key `metric`. */
export function metricFromResult(text: string): ReportedMetric {
  const parsed = parseResult(text);
  if ('problem' in parsed) return { status: 'bad', message: `working/result.json ${parsed.problem}` };
  if (!isObject(parsed.value) || !('metric' in parsed.value)) {
    return { status: 'none', message: 'working/result.json has no key "metric"' };
  }
  const { metric } = parsed.value;
  if (typeof metric === 'number' && Number.isFinite(metric)) return { status: 'value', value: metric };
  const found = typeof metric === 'number' ? 'a number too large' : describe(metric);
  return { status: 'bad', message: `"metric" in working/result.json is ${found}, expected a finite number` };
}

function parseResult(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const literal = /[:[,\s](NaN|-?Infinity)\b/.exec(text)?.[1];
    if (literal !== undefined) return { problem: `holds ${literal}, expected finite numbers` };
    return { problem: 'is not valid JSON' };
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
