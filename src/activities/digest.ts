import type { DigestInput, WriteResult } from '../domain/steps';
import { composeDigest } from '../llm/compose-digest';
import { promptBudget } from '../llm/prompts/prompt-budget';
import { loadRun, modelAt } from '../llm/run-material';
import { runKeys } from '../store/run-keys';
import { modelStep, type ModelStepDependencies } from './model-step';
import { writeOnce } from './write-once';

/** Every later prompt carries the digest, and no more of it than this. */
const MOST_TOKENS = promptBudget(0).digest;

const EXPECTED = 'Answer again with the digest alone, as plain text.';

/**
 * `digest`: has the lessons of the nodes recorded since the last digest worked into it. Doing it again reuses what an
 * earlier attempt stored.
 */
export function createDigest(dependencies: ModelStepDependencies): (input: DigestInput) => Promise<WriteResult> {
  const { store } = dependencies;
  return modelStep(async (input, signal) => {
    const { runId, upTo, previous, nodes, moneyLeft } = input;
    const run = await loadRun(store, runId);
    return writeOnce(dependencies, {
      runId,
      keys: runKeys(runId).digest(upTo),
      name: `digest-${upTo}`,
      previous,
      nodes,
      mostTokens: MOST_TOKENS,
      target: modelAt(run, 'digest', input.model),
      moneyLeft,
      compose: (shrunk) => composeDigest(store, run, input, shrunk),
      expected: EXPECTED,
      signal,
    });
  });
}
