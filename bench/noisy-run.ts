import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createSelect } from '../src/activities/select';
import { createSplit } from '../src/activities/split';
import { evaluationFileSchema } from '../src/domain/evaluation';
import type { RunFile } from '../src/domain/run-files';
import { runSpecSchema } from '../src/domain/run-spec';
import { PLAIN_TASK } from '../src/domain/task';
import { scoreSelection } from '../src/grading/grade-holdout';
import type { ScoringDependencies } from '../src/grading/score-predictions';
import { scorePredictions } from '../src/grading/score-predictions';
import { offlineModels } from '../src/llm/models/resolve-models';
import type { RandomStream } from '../src/policy/random-stream';
import { randomStream } from '../src/policy/random-stream';
import { SearchTree } from '../src/policy/search-tree';
import { selectionCandidates } from '../src/policy/selection-candidates';
import { createDirectoryStore } from '../src/store/directory-store';
import { readJson, writeJson } from '../src/store/json-file';
import { runKeys } from '../src/store/run-keys';

/** Labelled rows; of these an eighth steers the search and an eighth is for the final selection. */
export const ROWS = 2000;

export type Spread = 'few good' | 'evenly spread';

/** Where the true errors of the scripts lie; the noise of a score on so few rows is about 0.045. */
const SPREADS = {
  /** Most scripts hardly differ; one in fifty is better by as much as two standard errors of a score. */
  'few good': (id, random) => 1 + 0.0135 * gaussian(random) - (id % 50 === 0 ? 0.09 : 0),
  /** From the worst to the best in even steps, in no order. */
  'evenly spread': (_id, random) => 0.91 + 0.18 * random.chance(),
} as const satisfies Record<Spread, (id: number, random: RandomStream) => number>;

const RUN = 'run';

/** Errors are root mean squares; of each script the true one is known, since its predictions are drawn with it. */
export interface NoisyRun {
  readonly bestBySearch: { readonly trueError: number; readonly searchError: number };
  readonly selected: { readonly trueError: number; readonly searchError: number; readonly selectionError: number };
}

export interface NoisyRunSettings {
  readonly pythonPath: string;
  /** Directory for the run's files; removed afterwards. */
  readonly root: string;
  readonly spread: Spread;
  readonly seed: number;
  readonly nodes: number;
}

/**
 * A run on a small table with many scripts: split, scored and selected by coppice itself, only the
 * scripts' predictions are drawn instead of made.
 */
export async function makeNoisyRun({ pythonPath, root, spread, seed, nodes }: NoisyRunSettings): Promise<NoisyRun> {
  const store = createDirectoryStore(path.join(root, 'runs'));
  const grading: ScoringDependencies = { store, pythonPath, gradeDirectory: path.join(root, 'grade') };
  const { signal } = new AbortController();
  const keys = runKeys(RUN);
  try {
    const truth = await writeTable(root, randomStream(seed, 0));
    await writeJson(store, keys.run, runFile(path.join(root, 'input'), seed));
    await createSplit(grading)({ runId: RUN }, signal);
    const rows = await rowsToPredict(path.join(root, 'runs', keys.data), truth);

    const errors: number[] = [];
    const files: string[] = [];
    for (let id = 1; id <= nodes; id += 1) {
      const random = randomStream(seed, id);
      const error = SPREADS[spread](id, random);
      errors.push(error);
      files.push(await writePredictions(path.join(root, 'runs', keys.node(id).predictions), rows, error, random));
    }
    const run = runFile(path.join(root, 'input'), seed);
    const split = (await readJson(store, keys.evaluation, evaluationFileSchema))?.split;
    if (split == null) throw new Error('no rows were withheld');
    const tree = new SearchTree('minimize');
    for (const [index, score] of (await scorePredictions(grading, run, split, 'search', files, signal)).entries()) {
      if (score.status === 'failed') throw new Error(score.message);
      tree.dispatch(index + 1, 'draft', null);
      tree.complete(index + 1, { status: 'working', metric: score.metric });
    }

    const select = createSelect({ store, scoreSelection: (...asked) => scoreSelection(grading, ...asked) });
    const candidates = selectionCandidates(tree);
    const outcome = await select({ runId: RUN, evaluation: 'holdout', candidates, reruns: 0 }, signal);
    const best = tree.best;
    if (best === null || outcome.selectionScore === null) throw new Error('nothing was selected');
    const trueError = (id: number): number => errors[id - 1] ?? NaN;
    return {
      bestBySearch: { trueError: trueError(best.id), searchError: best.metric },
      selected: {
        trueError: trueError(outcome.winner),
        searchError: outcome.searchScore,
        selectionError: outcome.selectionScore,
      },
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Writes `train.csv`; its feature is only a number for each row, by which its label is found again. */
async function writeTable(root: string, random: RandomStream): Promise<ReadonlyMap<string, number>> {
  const truth = new Map(Array.from({ length: ROWS }, (_, row) => [String(row), 10 * gaussian(random)] as const));
  const lines = [...truth].map(([row, label]) => `${row},${row},${label}`);
  await mkdir(path.join(root, 'input'), { recursive: true });
  await writeFile(path.join(root, 'input', 'train.csv'), `id,row,y\n${lines.join('\n')}\n`);
  return truth;
}

interface RowToPredict {
  readonly id: string;
  readonly label: number;
}

async function rowsToPredict(data: string, truth: ReadonlyMap<string, number>): Promise<RowToPredict[]> {
  const [header = '', ...lines] = (await readFile(path.join(data, 'test.csv'), 'utf8')).trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    const label = truth.get(cells[columns.indexOf('row')] ?? '');
    if (label === undefined) throw new Error(`a row to predict is not of the table: ${line}`);
    return { id: cells[columns.indexOf('id')] ?? '', label };
  });
}

async function writePredictions(
  file: string,
  rows: readonly RowToPredict[],
  error: number,
  random: RandomStream,
): Promise<string> {
  const lines = rows.map(({ id, label }) => `${id},${label + error * gaussian(random)}`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `id,y\n${lines.join('\n')}\n`);
  return file;
}

/** A standard normal draw, by the method of Box and Muller. */
function gaussian(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random.chance())) * Math.cos(2 * Math.PI * random.chance());
}

function runFile(dataDirectory: string, seed: number): RunFile {
  return {
    format: 1,
    runId: RUN,
    request: runSpecSchema.parse({ task: dataDirectory, evaluation: 'holdout' }),
    seed,
    parallel: 1,
    task: {
      ...PLAIN_TASK,
      name: 'noise',
      goal: 'predict y',
      dataDirectory,
      metric: 'rmse',
      direction: 'minimize',
      target: 'y',
      id: 'id',
      train: 'train.csv',
      test: null,
      sample: null,
    },
    models: offlineModels(),
    versions: { coppice: '0', node: process.versions.node, python: '3', packages: {} },
    createdAt: new Date().toISOString(),
  };
}
