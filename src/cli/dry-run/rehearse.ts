import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { createOpenRun } from '../../activities/open-run';
import { createPreview } from '../../activities/preview';
import { createSplit } from '../../activities/split';
import type { EvaluationFile } from '../../domain/evaluation';
import { evaluationFileSchema } from '../../domain/evaluation';
import type { Preview } from '../../domain/preview';
import { previewSchema } from '../../domain/preview';
import type { RunFile } from '../../domain/run-files';
import type { ProposeInput } from '../../domain/steps';
import { composeProposal } from '../../llm/compose-proposal';
import type { ModelRequest } from '../../llm/model';
import { createDirectoryStore } from '../../store/directory-store';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { readRun } from '../../store/read-run';
import { readPythonPath } from '../../workers/python-path';
import { readVersions } from '../../workers/read-versions';
import { wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import type { RunRequest } from '../request';

/** What a run of the request would begin with. */
export interface Rehearsal {
  readonly run: RunFile;
  readonly evaluation: EvaluationFile;
  readonly preview: Preview;
  /** The first draft's. */
  readonly prompt: Pick<ModelRequest, 'messages' | 'estimatedTokens'>;
}

const RUN = 'dry-run';

/**
 * Takes the steps that come before the first call of a run, in a store that is gone afterwards: the same code settles
 * the evaluation, looks at the data and writes the prompt.
 *
 * @throws CommandFailure (exit 2) when the run would refuse the request
 */
export async function rehearse(context: CommandContext, { spec }: RunRequest): Promise<Rehearsal> {
  const { settings } = context;
  const parent = path.join(settings.home, 'dry-runs');
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(path.join(parent, 'dry-'));
  try {
    return await prepare(settings, directory, spec);
  } catch (error) {
    // What the run would fail with, for good.
    if (error instanceof ApplicationFailure && error.nonRetryable) throw wrongInput(error.message);
    throw error;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function prepare(
  settings: CommandContext['settings'],
  directory: string,
  spec: RunRequest['spec'],
): Promise<Rehearsal> {
  const { home, tasks, environment, slots } = settings;
  const store = createDirectoryStore(path.join(directory, 'runs'));
  const pythonPath = await readPythonPath(settings);
  const { signal } = new AbortController();
  const openRun = createOpenRun({
    store,
    tasks,
    environment,
    slots,
    versions: () => readVersions(settings),
    drainAt: { events: Infinity, bytes: Infinity },
    serverDownMs: () => Promise.resolve(0),
  });
  const { evaluation } = await openRun({ runId: RUN, spec });
  if (evaluation !== 'reported') {
    await createSplit({ store, pythonPath, gradeDirectory: path.join(directory, 'grade') })({ runId: RUN }, signal);
  }
  await createPreview({ store, home, pythonPath, environment })({ runId: RUN }, signal);
  const keys = runKeys(RUN);
  const run = present(await readRun(store, RUN), keys.run);
  return {
    run,
    evaluation: present(await readJson(store, keys.evaluation, evaluationFileSchema), keys.evaluation),
    preview: present(await readJson(store, keys.preview, previewSchema), keys.preview),
    prompt: await composeProposal(store, run, firstDraft(run), 0),
  };
}

function firstDraft({ request: { limits, steps } }: RunFile): ProposeInput {
  return {
    runId: RUN,
    nodeId: 1,
    operator: 'draft',
    parent: null,
    context: { siblings: [], best: [], recent: [], failed: [], ancestors: [], pruned: [] },
    model: 0,
    digest: null,
    siblingsSoFar: 0,
    moneyLeft: { tokens: limits.tokens ?? null, costUsd: limits.cost ?? null },
    hints: [],
    decidedAfter: 0,
    stepsDone: 0,
    stepsTotal: steps,
    secondsLeft: limits.time ?? null,
  };
}

function present<Value>(value: Value | null, key: string): Value {
  if (value === null) throw new Error(`${key} was not written`);
  return value;
}
