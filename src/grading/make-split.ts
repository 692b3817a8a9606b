import path from 'node:path';
import { z } from 'zod';
import type { RunFile } from '../domain/run-files';
import { askGrading } from './grading-python';
import type { GradingAnswer } from './grading-python';
import type { PlannedTable, SplitPlan } from './split-plan';

/** Share of the labelled rows in each of the two hidden parts. */
const PART_SHARE = 0.125;

/** Rows that each of them has at most: more make no score better worth the time. */
const MOST_PART_ROWS = 20_000;

/** Names of tables made for a task that lacks them. */
const MADE_TEST = 'test';
export const MADE_SAMPLE = 'sample_submission.csv';

const madeSplitSchema = z.object({
  method: z.enum(['random', 'stratified', 'group', 'time']),
  trainRows: z.int(),
  searchRows: z.int(),
  selectionRows: z.int(),
  testRows: z.int(),
  dataHash: z.string(),
});
export type MadeSplit = z.infer<typeof madeSplitSchema>;

/** Where a split is made. */
export interface SplitPlaces {
  /** Gets the answers; must exist. */
  readonly answers: string;
  /** Gets the tables that scripts may see; must exist. */
  readonly publicData: string;
}

/**
 * Withholds rows. The same seed and data give the same bytes, on every machine.
 *
 * @throws ApplicationFailure `GradingFailed` when the grading program fails
 */
export async function makeSplit(
  pythonPath: string,
  run: Pick<RunFile, 'seed' | 'task'>,
  plan: SplitPlan,
  places: SplitPlaces,
  signal: AbortSignal,
): Promise<GradingAnswer<MadeSplit>> {
  const { dataDirectory } = run.task;
  const describe = (table: PlannedTable): Readonly<Record<string, unknown>> => ({
    path: path.join(dataDirectory, table.name),
    name: table.name,
    delimiter: table.head.delimiter,
    // One encoding for all: rows of one table move into another.
    encoding: plan.train.head.encoding,
    columns: table.head.columns,
  });
  const request = {
    step: 'split',
    seed: run.seed,
    directory: places.answers,
    public: places.publicData,
    train: describe(plan.train),
    test: plan.test === null ? null : describe(plan.test),
    sample: plan.sample === null ? null : describe(plan.sample),
    madeTest: madeTestName(plan),
    madeSample: MADE_SAMPLE,
    labels: plan.labels,
    id: plan.id,
    metric: plan.scorer?.name ?? null,
    compares: plan.scorer?.compares ?? null,
    method: plan.method,
    by: plan.by,
    share: PART_SHARE,
    most: MOST_PART_ROWS,
    leastRows: plan.leastRows,
  };
  return askGrading(pythonPath, request, madeSplitSchema, signal);
}

/** The rows to predict of a task without any are written as its training table is. */
export function madeTestName(plan: Pick<SplitPlan, 'train'>): string {
  return `${MADE_TEST}${path.extname(plan.train.name)}`;
}

/** What the run works with that the user's own directory does not have. */
export function madeTables(plan: SplitPlan): string[] {
  return [...(plan.test === null ? [madeTestName(plan)] : []), ...(plan.sample === null ? [MADE_SAMPLE] : [])];
}
