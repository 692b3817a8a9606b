import type { ReportedMetric } from './reported-metric';

/** What Python's json writes for what JSON has no number for. */
const NO_NUMBER = /^\{.*"(?:score|metric)"\s*:\s*(NaN|-?Infinity)\b/;

/**
 * The score that an evaluator printed: that of the last line which is a JSON object with a `score` or a `metric`. Other
 * lines may stand before and after it.
 */
export function scoreFromOutput(output: string): ReportedMetric {
  for (const line of output.split('\n').reverse()) {
    const score = scoreFromLine(line.trim());
    if (score.status !== 'none') return score;
  }
  return { status: 'none', message: 'the evaluator printed no line such as {"score": 0.5}' };
}

function scoreFromLine(line: string): ReportedMetric {
  const none: ReportedMetric = { status: 'none', message: 'the line holds no score' };
  if (!line.startsWith('{') || !line.endsWith('}')) return none;
  const literal = NO_NUMBER.exec(line)?.[1];
  if (literal !== undefined) return bad(literal);
  const value = parse(line);
  if (typeof value !== 'object' || value === null) return none;
  const found = 'score' in value ? value.score : 'metric' in value ? value.metric : undefined;
  if (found === undefined) return none;
  if (typeof found === 'number' && Number.isFinite(found)) return { status: 'value', value: found };
  return bad(typeof found === 'number' ? 'a number too large' : JSON.stringify(found).slice(0, 80));
}

function bad(found: string): ReportedMetric {
  return { status: 'bad', message: `the evaluator's score is ${found}, expected a finite number` };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
