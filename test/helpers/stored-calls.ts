import type { Purpose } from '../../src/domain/purpose';
import type { AttemptFile } from '../../src/llm/call-files';
import type { ModelRequest } from '../../src/llm/model';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { writeJson } from '../../src/store/json-file';
import type { CallKeys } from '../../src/store/run-keys';

/** A model call as its files tell of it. */
export interface StoredCallFixture {
  readonly purpose: Purpose;
  readonly estimatedTokens?: number;
  /** The sendings of its prompt in order; answered ones unless told otherwise. */
  readonly sendings: readonly Partial<AttemptFile>[];
}

const SENT = '2026-01-02T03:04:05.000Z';

/** Writes the prompt of a call and its sendings as the steps would leave them. */
export async function writeCall(store: ArtifactStore, keys: CallKeys, call: StoredCallFixture): Promise<void> {
  const prompt: ModelRequest = {
    model: 'large',
    runId: 'run',
    nodeId: 1,
    purpose: call.purpose,
    ask: 1,
    messages: [],
    estimatedTokens: call.estimatedTokens ?? 0,
    shrunk: 0,
  };
  await writeJson(store, keys.prompt, prompt);
  for (const [index, sending] of call.sendings.entries()) {
    const attempt: AttemptFile = {
      endpoint: 'localhost',
      model: 'large',
      sentAt: SENT,
      endedAt: SENT,
      outcome: 'answered',
      failure: null,
      status: null,
      usage: null,
      ...sending,
    };
    await writeJson(store, keys.attempt(index + 1), attempt);
  }
}
