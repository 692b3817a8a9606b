import { metricFromLine, metricFromResult, type ReportedMetric } from '../domain/reported-metric';
import { openInside } from './open-inside';

const RESULT_FILE = 'working/result.json';

/** Largest `result.json` that is read, in bytes. */
const MAXIMUM_RESULT_BYTES = 64 * 1024;

/**
 * The score that a script reported: in `working/result.json`, else in the last of its output's result lines.
 *
 * @param resultLines lines of output that report a score, oldest first
 */
export async function readMetric(attemptDirectory: string, resultLines: readonly string[]): Promise<ReportedMetric> {
  const fromFile = await readResultFile(attemptDirectory);
  if (fromFile.status !== 'none') return fromFile;
  const lastLine = resultLines.at(-1);
  return lastLine === undefined ? fromFile : metricFromLine(lastLine);
}

async function readResultFile(attemptDirectory: string): Promise<ReportedMetric> {
  const file = await openInside(attemptDirectory, RESULT_FILE);
  if (file.status === 'missing') {
    return { status: 'none', message: `there is no ${RESULT_FILE} and no output line "metric: number"` };
  }
  if (file.status === 'unusable') return { status: 'bad', message: `${RESULT_FILE} ${file.problem}` };
  try {
    if (file.bytes > MAXIMUM_RESULT_BYTES) {
      return {
        status: 'bad',
        message: `${RESULT_FILE} has ${file.bytes} bytes, at most ${MAXIMUM_RESULT_BYTES} are read`,
      };
    }
    return metricFromResult(await file.handle.readFile('utf8'));
  } finally {
    await file.handle.close();
  }
}
