import { Context } from '@temporalio/activity';
import type { HintInput, InjectInput, NoteInput, StoreInjectedInput } from '../domain/steering-steps';
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
import type { NotifyInput } from '../domain/notice';
import type { RunFile } from '../domain/run-files';
import type { Environment } from '../llm/endpoint';
import type { ModelClient } from '../llm/model';
import { loadRun } from '../llm/run-material';
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
import { createHint } from './hint';
import { createInject, createStoreInjected } from './inject';
import { createLocate } from './locate';
import { createNotify } from './notify';
import { createNote } from './note';
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
  hint: Step<HintInput, void>;
  storeInjected: Step<StoreInjectedInput, void>;
  inject: Step<InjectInput, ProposeResult>;
  note: Step<NoteInput, void>;
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
  notify: Step<NotifyInput, void>;
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
  const { disk } = dependencies;
  const propose = inRoom(createPropose(dependencies), (input) => requireBelowCap(dependencies, input));
  const preview = createPreview(dependencies);
  return {
    openRun: onFiles(createOpenRun(dependencies)),
    preview: onFiles((input) => preview(input, Context.current().cancellationSignal)),
    checkModels: onFiles(createCheckModels(dependencies)),
    saveState: onFiles(createSaveState(dependencies)),
    hint: onFiles(createHint(dependencies)),
    storeInjected: onFiles(createStoreInjected(dependencies)),
    inject: onFiles(createInject(dependencies)),
    note: onFiles(createNote(dependencies)),
    draft: propose,
    improve: propose,
    debug: propose,
    locate: onFiles(createLocate(dependencies)),
    execute: createExecute(dependencies),
    ...createGradeSteps(dependencies),
    notify: createNotify(dependencies),
    review: inRoom(createReview(dependencies), () => disk.requireFree()),
    digest: inRoom(createDigest(dependencies), () => disk.requireFree()),
    summarize: inRoom(createSummarize(dependencies), () => disk.requireFree()),
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

/** A step that begins only when there is room for it; until then it beats, since measuring may take a while. */
function inRoom<Input, Result>(
  step: Step<Input, Result>,
  requireRoom: (input: Input) => Promise<void>,
): Step<Input, Result> {
  const look = onFiles(requireRoom);
  return async (input) => {
    await look(input);
    return step(input);
  };
}

async function requireBelowCap(
  { store, disk }: ActivityDependencies,
  { runId, extendedDiskBytes }: ProposeInput,
): Promise<void> {
  await disk.requireFree();
  const { runDisk } = (await loadRun(store, runId)).request.limits;
  await disk.requireBelow(runId, runDisk, extendedDiskBytes);
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
