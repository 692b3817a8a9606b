import { Context } from '@temporalio/activity';
import { evaluateByCommand } from '../grading/command-evaluation';
import { scoreSelection } from '../grading/grade-holdout';
import { toStoreFailure } from '../store/store-error';
import type { Activities, ActivityDependencies } from './create-activities';
import { createGrade } from './grade';
import { keepAlive } from './keep-alive';
import { createSelect } from './select';
import { createSplit } from './split';

/** The steps of the grade worker, which alone sees the withheld labels. */
export function createGradeSteps(dependencies: ActivityDependencies): Pick<Activities, 'split' | 'grade' | 'select'> {
  const { store, pythonPath, grade: gradeDirectory } = dependencies;
  const grading = { store, pythonPath, gradeDirectory };
  return {
    split: cancellable(createSplit(grading)),
    grade: cancellable(
      createGrade({
        ...grading,
        evaluateByCommand: (run, nodeId, signal) => evaluateByCommand(dependencies, run, nodeId, signal),
      }),
    ),
    select: cancellable(
      createSelect({
        store,
        scoreSelection: (run, nodeIds, signal) => scoreSelection(grading, run, nodeIds, signal),
      }),
    ),
  };
}

/** Beats, ends with the run, and gives what goes wrong with the files its type. */
function cancellable<Input, Result>(
  step: (input: Input, signal: AbortSignal) => Promise<Result>,
): (input: Input) => Promise<Result> {
  return (input) => {
    const context = Context.current();
    return keepAlive(context, async () => {
      try {
        return await step(input, context.cancellationSignal);
      } catch (error) {
        context.cancellationSignal.throwIfAborted();
        throw toStoreFailure(error);
      }
    });
  };
}
