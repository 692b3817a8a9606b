import { Context } from '@temporalio/activity';
import type { ModelClient } from '../llm/model';
import type { ArtifactStore } from '../store/artifact-store';
import { StoreError, toStoreFailure } from '../store/store-error';
import { keepAlive } from './keep-alive';

export interface ModelStepDependencies {
  readonly store: ArtifactStore;
  /** Gives the client of an endpoint; the same one each time, since clients remember what their server can do. */
  readonly createModel: (endpoint: string) => ModelClient;
  /** Whether the endpoint's task queue holds a number of requests per minute: then each takes an attempt of its own. */
  readonly isRateLimited: (endpoint: string) => boolean;
}

/** Makes an activity of a step that asks a model: it beats, can be cancelled, and gives store errors their type. */
export function modelStep<Input, Result>(
  step: (input: Input, signal: AbortSignal) => Promise<Result>,
): (input: Input) => Promise<Result> {
  return async (input) => {
    const context = Context.current();
    return keepAlive(context, async () => {
      try {
        return await step(input, context.cancellationSignal);
      } catch (error) {
        throw error instanceof StoreError ? toStoreFailure(error) : error;
      }
    });
  };
}
