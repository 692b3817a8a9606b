import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorMessage } from '../../domain/error-message';
import { counted, formatMetric } from '../../domain/format';
import type { RunView } from '../../report/run-view';
import { SUBMISSION_FILE } from '../../sandbox/check-submission';
import { errorCode } from '../../store/store-error';
import type { CheckedSubmission } from '../check-submitted';
import { checkSubmitted } from '../check-submitted';
import { failed, wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';
import type { SubmitJson } from '../submit-json';
import { submitJsonSchema } from '../submit-json';
import type { Submission } from '../submission';
import { chooseSubmission } from '../submission';

export interface SubmitFlags {
  /** Relative to the working directory. */
  readonly out: string;
  /** Replaces a file that is there. */
  readonly force: boolean;
  readonly json: boolean;
}

/**
 * Writes the predictions of a node, of the run's answer when none is named, to a file for handing in.
 *
 * @throws CommandFailure when there is nothing to submit, it does not fit the task, or the file is there already
 */
export async function submitRun(
  context: CommandContext,
  runId: string,
  node: string | undefined,
  flags: SubmitFlags,
): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  const submission = chooseSubmission(view, node);
  const file = path.resolve(context.workingDirectory, flags.out);
  const checked = await inScratch(async (scratch) => {
    const copy = await fetchSubmission(context, submission, scratch);
    const found = await checkSubmitted(view.run.task, scratch);
    if (found.problem !== null) {
      throw failed(`the submission of node ${submission.record.id} cannot be handed in: ${found.problem}`);
    }
    await place(copy, file, flags.force);
    return found;
  });
  if (flags.json) printJson(context, submitJsonSchema, toJson(view, submission, checked, file));
  else tell(context, view, submission, checked, file);
  return ExitCode.done;
}

async function inScratch<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(path.join(tmpdir(), 'coppice-submit-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function fetchSubmission(context: CommandContext, submission: Submission, scratch: string): Promise<string> {
  const copy = path.join(scratch, SUBMISSION_FILE);
  await mkdir(path.dirname(copy));
  if (await context.store.readFile(submission.key, copy)) return copy;
  throw failed(
    `node ${submission.record.id} made no submission; only tasks with rows to predict or a sample submission have one`,
  );
}

/** A file that is there is replaced in one step, or not at all. */
async function place(copy: string, file: string, force: boolean): Promise<void> {
  const beside = `${file}.tmp-${process.pid}`;
  try {
    if (force) {
      await copyFile(copy, beside);
      await rename(beside, file);
    } else await copyFile(copy, file, constants.COPYFILE_EXCL);
  } catch (error) {
    await rm(beside, { force: true });
    throw wrongInput(`${file} ${whyNotWritten(error)}`);
  }
}

function whyNotWritten(error: unknown): string {
  switch (errorCode(error)) {
    case 'EEXIST':
      return 'is there already; --force replaces it';
    case 'EISDIR':
    case 'ENOTEMPTY':
      return 'is a directory; name a file';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'cannot be written: its directory does not exist';
    default:
      return `cannot be written: ${errorMessage(error)}`;
  }
}

function tell(
  context: CommandContext,
  view: RunView,
  submission: Submission,
  checked: CheckedSubmission,
  file: string,
): void {
  const { record, selectionScore, isOnAllData } = submission;
  const { metric } = view.run.task;
  const selected = selectionScore === null ? '' : `, ${formatMetric(selectionScore)} in the final selection`;
  context.print(`wrote ${file}`);
  context.print(`${counted(checked.rows, 'row')}; columns ${checked.columns.join(', ')}`);
  context.print(`node ${record.id}: ${metric} ${formatMetric(record.metric)}${selected}`);
  context.print(
    isOnAllData ? 'trained on all the data, after the search' : 'as the search scored it, not trained on all the data',
  );
  context.print(CHECKED[checked.checkedBy]);
  const isOver = view.state?.state === 'finished' || view.state?.state === 'cancelled';
  if (!isOver) context.note(`run ${view.runId} is not over: this is what it has so far`);
  context.note(`keep the score you get: coppice note ${view.runId} ${record.id} --score public=…`);
}

const CHECKED: Record<CheckedSubmission['checkedBy'], string> = {
  sample: 'checked against the sample submission: columns, rows, ids, no missing values',
  ids: 'checked against the rows to predict: every id once, and no other',
  none: 'not checked: the task has neither a sample submission nor ids that could be read here',
};

function toJson(view: RunView, submission: Submission, checked: CheckedSubmission, file: string): SubmitJson {
  const { record, selectionScore, isOnAllData } = submission;
  const { columns, rows, checkedBy } = checked;
  return {
    runId: view.runId,
    node: record.id,
    metric: record.metric,
    selectionScore,
    onAllData: isOnAllData,
    file,
    rows,
    columns: [...columns],
    checkedBy,
  };
}
