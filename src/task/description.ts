import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { knownDirection } from '../domain/metrics';
import type { Corrections } from '../domain/run-spec';
import type { Inferred, TaskFile } from '../domain/task';
import { directionInText, metricInText } from './infer-metric';
import type { TaskRequest } from './task-file';
import { lookAt, TaskProblem, whyUnreadable } from './task-problem';

const NAMES: readonly string[] = ['description.md', 'description.txt'];

/** Directories in which the data lie beside the description; else they lie in its own directory. */
const DATA_DIRECTORIES: readonly string[] = ['input', 'data'];

/** Whether a file is a description, by its name. */
export function isDescription(file: string): boolean {
  return NAMES.includes(path.basename(file).toLowerCase());
}

/** More than any description has. */
const MAXIMUM_BYTES = 1024 * 1024;

/** The description in a directory, or null when there is none or no such directory. */
export async function findDescription(directory: string): Promise<string | null> {
  const names = await readdir(directory).catch(() => []);
  const found = NAMES.map((name) => names.find((other) => other.toLowerCase() === name)).find(
    (name) => name !== undefined,
  );
  return found === undefined ? null : path.join(directory, found);
}

/**
 * A task that is described in words, as competitions are: the text is the goal, and says what is measured.
 *
 * @throws TaskProblem when the text does not say what is measured and nobody else does
 */
export async function readDescription(file: string, corrections: Corrections): Promise<TaskRequest> {
  const name = path.basename(file);
  const text = await readText(file);
  const inferred: Inferred[] = [];
  if (corrections.goal === undefined) inferred.push({ what: 'goal', value: name, reason: 'its text is the goal' });
  const metric = corrections.metric ?? inferMetric(file, text, inferred);
  const direction = corrections.direction ?? inferDirection(metric, name, text, inferred);
  const settings: TaskFile = {
    ...corrections,
    goal: corrections.goal ?? text,
    data: await dataBeside(file),
    metric,
    ...(direction === null ? {} : { direction }),
  };
  return {
    settings,
    source: 'description',
    directory: path.dirname(file),
    nameSetting: (key) => `--${key}`,
    inferred,
  };
}

async function readText(file: string): Promise<string> {
  const problem = await whyUnreadable(file);
  if (problem !== null) throw new TaskProblem(`Description ${file} ${problem}; make it readable.`);
  const state = await lookAt(file);
  if (state.ok && state.stats.size > MAXIMUM_BYTES) {
    throw new TaskProblem(`Description ${file} is larger than 1 MiB; write a task.yaml beside it instead.`);
  }
  const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '').trim();
  if (text === '')
    throw new TaskProblem(`Description ${file} is empty; write down what is to be predicted, and the metric.`);
  return text;
}

async function dataBeside(file: string): Promise<string> {
  for (const name of DATA_DIRECTORIES) {
    const state = await lookAt(path.join(path.dirname(file), name));
    if (state.ok && state.stats.isDirectory()) return `./${name}`;
  }
  return '.';
}

function inferMetric(file: string, text: string, inferred: Inferred[]): string {
  const found = metricInText(text);
  if (found.status === 'found') {
    const { metric, sentence } = found.named;
    inferred.push({ what: 'metric', value: metric, reason: `${path.basename(file)} says "${sentence}"` });
    return metric;
  }
  const why =
    found.status === 'several'
      ? `names several metrics (${found.metrics.join(', ')}) and not which one scores are measured by`
      : 'names no metric that is known here';
  throw new TaskProblem(`Description ${file} ${why}; give --metric NAME, and --direction for one of your own.`);
}

/** Null where the metric itself says it, or nothing does. */
function inferDirection(
  metric: string,
  name: string,
  text: string,
  inferred: Inferred[],
): 'maximize' | 'minimize' | null {
  if (knownDirection(metric) !== null) return null;
  const found = directionInText(text);
  if (found === null) return null;
  const { direction, sentence } = found;
  inferred.push({ what: 'direction', value: direction, reason: `${name} says "${sentence.slice(0, 120)}"` });
  return direction;
}
