import { Context } from '@temporalio/activity';
import type {
  CheckModelsInput,
  CheckModelsResult,
  ExecuteInput,
  ExecuteResult,
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
} from '../domain/steps';
import type { RunFile } from '../domain/run-files';
import type { Environment } from '../llm/endpoint';
import type { ModelClient } from '../llm/model';
import { removeAttempts, removeRunDirectory } from '../sandbox/attempts';
import { endAbandonedScripts } from '../sandbox/previous-attempts';
import type { ArtifactStore } from '../store/artifact-store';
import { toStoreFailure } from '../store/store-error';
import { createCheckModels } from './check-models';
import { createExecute } from './execute';
import { keepAlive } from './keep-alive';
import { createOpenRun } from './open-run';
import { createPreview } from './preview';
import { createPropose } from './propose';
import { createPublish } from './publish';
import { createReport } from './report';
import { createReview } from './review';
import { createSaveState } from './save-state';

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
  execute: Step<ExecuteInput, ExecuteResult>;
  review: Step<ReviewInput, ReviewResult>;
  publish: Step<PublishInput, PublishResult>;
  report: Step<ReportInput, ReportResult>;
}

export interface ActivityDependencies {
  readonly store: ArtifactStore;
  /** COPPICE_HOME of this machine. */
  readonly home: string;
  /** What relative task paths are resolved against. */
  readonly tasks: string;
  readonly environment: Environment;
  readonly pythonPath: string;
  readonly hostId: string;
  readonly drainAt: OpenRunResult['drainAt'];
  readonly createModel: (endpoint: string) => ModelClient;
  readonly versions: () => Promise<RunFile['versions']>;
  /** Milliseconds the embedded server has been down in all its life; 0 on another server. */
  readonly serverDownMs: () => Promise<number>;
}

/** The activities of a worker, bound to what the worker has. */
export function createActivities(dependencies: ActivityDependencies): Activities {
  const propose = createPropose(dependencies);
  return {
    openRun: onFiles(createOpenRun(dependencies)),
    preview: onFiles(createPreview(dependencies)),
    checkModels: onFiles(createCheckModels(dependencies)),
    saveState: onFiles(createSaveState(dependencies)),
    draft: propose,
    improve: propose,
    debug: propose,
    execute: createExecute(dependencies),
    review: createReview(dependencies),
    publish: onFiles(
      createPublish({
        ...dependencies,
        removeAttempts: (runId, nodeId) => removeAttempts(dependencies.home, runId, nodeId),
      }),
    ),
    report: onFiles(
      createReport({
        ...dependencies,
        clearHost: async (runId) => {
          await endAbandonedScripts(dependencies, runId);
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
