import type { RunRequest } from '../../src/cli/request';
import { runSpecSchema, type RunSpecInput } from '../../src/domain/run-spec';
import { PLAIN_TASK } from '../../src/domain/task';
import { offlineModels } from '../../src/llm/models/resolve-models';

/** What a command line may ask for: a run of the task `diamonds`, without a model. */
export function runRequest(spec: Partial<RunSpecInput> = {}, runId: string | null = null): RunRequest {
  const input = { task: '/tasks/diamonds', ...spec };
  return {
    input,
    spec: runSpecSchema.parse({ ...input, machineDefaults: { parallel: 8 } }),
    task: {
      ...PLAIN_TASK,
      name: 'diamonds',
      goal: 'g',
      dataDirectory: '/d',
      metric: 'rmse',
      direction: 'minimize',
      target: null,
      id: null,
      train: null,
      test: null,
      sample: null,
    },
    isGraded: false,
    models: offlineModels(),
    runId,
  };
}
