import type { SummarizeInput, WriteResult } from '../domain/steps';
import { composeStory } from '../llm/compose-story';
import { loadRun, modelAt } from '../llm/run-material';
import { runKeys } from '../store/run-keys';
import { modelStep, type ModelStepDependencies } from './model-step';
import { writeOnce } from './write-once';

/** About two pages; what is longer nobody reads. */
const MOST_TOKENS = 1500;

const EXPECTED = 'Answer again with that text alone.';

/** `summarize`: has the story of the search told for its report. Doing it again reuses what is stored. */
export function createSummarize(dependencies: ModelStepDependencies): (input: SummarizeInput) => Promise<WriteResult> {
  const { store } = dependencies;
  return modelStep(async (input, signal) => {
    const { runId, digest, nodes, moneyLeft } = input;
    const run = await loadRun(store, runId);
    return writeOnce(dependencies, {
      runId,
      keys: runKeys(runId).story,
      name: 'story',
      previous: digest,
      nodes,
      mostTokens: MOST_TOKENS,
      target: modelAt(run, 'report', input.model),
      moneyLeft,
      compose: (shrunk) => composeStory(store, run, input, shrunk),
      expected: EXPECTED,
      signal,
    });
  });
}
