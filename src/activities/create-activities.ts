import { Context } from '@temporalio/activity';
import type {
  CheckModelsInput,
  CheckModelsResult,
  DigestInput,
  ExecuteInput,
  ExecuteResult,
  GradeInput,
  GradeResult,
  LocateInput,
  LocateResult,
  OpenRunInput,
  OpenRunResult,
  PreviewInput,
  ProposeInput,
  ProposeResult,
  PublishInput,
  PublishResult,
  ReportInput,
  ReportResult,
  ReviewInput,
  ReviewResult,
  SaveStateInput,
  SaveStateResult,
  SelectInput,
  SelectResult,
  SplitInput,
  SplitResult,
  SummarizeInput,
  WriteResult,
} from '../domain/steps';
import type { RunFile } from '../domain/run-files';
import type { Environment } from '../llm/endpoint';
import type { ModelClient } from '../llm/model';
import { removeRunDirectory } from '../sandbox/attempts';
import { removeAttempts } from '../sandbox/remove-attempt';
import { endScriptsOfRun } from '../sandbox/survivors';
import { toStoreFailure } from '../store/store-error';
import { checkNode } from './check-node';
import { createCheckModels } from './check-models';
import { createDigest } from './digest';
import { createExecute } from './execute';
import type { ExecuteDependencies } from './execute-step';
import { createGradeSteps } from './grade-steps';
import { keepAlive } from './keep-alive';
import { createLocate } from './locate';
import { createOpenRun } from './open-run';
import { createPreview } from './preview';
import { createPropose } from './propose';
import { createPublish } from './publish';
import { createReport } from './report';
import { createReview } from './review';
import { createSaveState } from './save-state';
import { createSummarize } from './summarize';

type Step<Input, Result> = (input: Input) => Promise<Result>;

/** Every step of a run that the workflow may ask for. */
export interface Activities {
  openRun: Step<OpenRunInput, OpenRunResult>;
  preview: Step<PreviewInput, void>;
  checkModels: Step<CheckModelsInput, CheckModelsResult>;
  saveState: Step<SaveStateInput, SaveStateResult>;
  draft: Step<ProposeInput, ProposeResult>;
  improve: Step<ProposeInput, ProposeResult>;
  debug: Step<ProposeInput, ProposeResult>;
  locate: Step<LocateInput, LocateResult>;
  execute: Step<ExecuteInput, ExecuteResult>;
  split: Step<SplitInput, SplitResult>;
  grade: Step<GradeInput, GradeResult>;
  select: Step<SelectInput, SelectResult>;
  review: Step<ReviewInput, ReviewResult>;
  digest: Step<DigestInput, WriteResult>;
  summarize: Step<SummarizeInput, WriteResult>;
  publish: Step<PublishInput, PublishResult>;
  report: Step<ReportInput, ReportResult>;
}

export interface ActivityDependencies extends ExecuteDependencies {
  /** What relative task paths are resolved against. */
  readonly tasks: string;
  readonly environment: Environment;
  /** COPPICE_GRADE: where the grade worker keeps what no script may see. */
  readonly grade: string;
  readonly drainAt: OpenRunResult['drainAt'];
  readonly createModel: (endpoint: string) => ModelClient;
  /** Whether this worker takes only so many requests a minute for the endpoint. */
  readonly isRateLimited: (endpoint: string) => boolean;
  readonly versions: () => Promise<RunFile['versions']>;
  /** Milliseconds the embedded server has been down in all its life; 0 on another server. */
  readonly serverDownMs: () => Promise<number>;
}

/** The activities of a worker, bound to what the worker has. */
export function createActivities(dependencies: ActivityDependencies): Activities {
  const propose = createPropose(dependencies);
  const preview = createPreview(dependencies);
  return {
    openRun: onFiles(createOpenRun(dependencies)),
    preview: onFiles((input) => preview(input, Context.current().cancellationSignal)),
    checkModels: onFiles(createCheckModels(dependencies)),
    saveState: onFiles(createSaveState(dependencies)),
    draft: propose,
    improve: propose,
    debug: propose,
    locate: onFiles(createLocate(dependencies)),
    execute: createExecute(dependencies),
    ...createGradeSteps(dependencies),
    review: createReview(dependencies),
    digest: createDigest(dependencies),
    summarize: createSummarize(dependencies),
    publish: onFiles(
      createPublish({
        ...dependencies,
        checkNode: (input) => checkNode(dependencies, input),
        removeAttempts: (runId, nodeId) => removeAttempts(dependencies.home, runId, nodeId),
      }),
    ),
    report: onFiles(
      createReport({
        ...dependencies,
        clearHost: async (runId) => {
          await endScriptsOfRun(dependencies.store, dependencies, runId);
          await removeRunDirectory(dependencies.home, runId);
        },
      }),
    ),
  };
}

/** Gives what goes wrong with the files its type, and beats: only so is it soon noticed when the worker is killed. */
function onFiles<Input, Result>(step: Step<Input, Result>): Step<Input, Result> {
  return (input) =>
    keepAlive(Context.current(), async () => {
      try {
        return await step(input);
      } catch (error) {
        throw toStoreFailure(error);
      }
    });
}
