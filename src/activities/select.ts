import { executionFileSchema, nodeRecordSchema } from '../domain/node-record';
import { stateFileSchema } from '../domain/run-files';
import type { RunFile } from '../domain/run-files';
import { selectionFileSchema } from '../domain/selection';
import type { SelectionCandidate, SelectionFile, SelectionOutcome } from '../domain/selection';
import type { SelectInput, SelectResult } from '../domain/steps';
import { joinMarks } from '../checks/join-marks';
import { loadRun } from '../llm/run-material';
import { chooseWinner } from '../selection/choose-winner';
import { rerunScore } from '../selection/rerun-score';
import type { SelectionScore } from '../selection/rerun-score';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { runKeys } from '../store/run-keys';

/** Scores nodes' stored predictions on the rows that no decision has seen; a node that cannot be scored is left out. */
export type ScoreSelection = (
  run: RunFile,
  nodeIds: readonly number[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<number, SelectionScore>>;

export interface SelectDependencies {
  readonly store: ArtifactStore;
  readonly scoreSelection: ScoreSelection;
}

const READS_AT_ONCE = 8;

/**
 * `select`: compares the best nodes on what was kept back, and writes `selection.json`. Doing it again with nothing
 * recorded in between changes nothing; after more nodes the selection before is kept as used, since its rows have
 * steered a decision.
 */
export function createSelect(
  dependencies: SelectDependencies,
): (input: SelectInput, signal: AbortSignal) => Promise<SelectResult> {
  const { store } = dependencies;
  return async (input, signal) => {
    const { selection: key } = runKeys(input.runId);
    const run = await loadRun(store, input.runId);
    const doubted = await mapBounded(input.candidates, READS_AT_ONCE, (candidate) =>
      withMarks(store, input, candidate),
    );
    const recordedNodes = await countRecorded(store, input.runId);
    const earlier = await readJson(store, key, selectionFileSchema);
    if (earlier !== null && isOfSame(earlier, doubted, recordedNodes)) return outcomeOf(earlier);

    const candidates = await score(dependencies, run, input, doubted, signal);
    const outcome = chooseWinner(candidates, run.task.direction);
    const file: SelectionFile = {
      ...outcome,
      candidates,
      refit: null,
      recordedNodes,
      selectedAt: new Date().toISOString(),
      used: earlier === null ? [] : [...earlier.used, usedUp(earlier)],
    };
    await writeJson(store, key, file);
    return outcome;
  };
}

type Doubted = Pick<SelectionCandidate, 'id' | 'searchScore' | 'marks'>;

async function withMarks(
  store: ArtifactStore,
  { runId }: SelectInput,
  { id, metric, marks }: SelectInput['candidates'][number],
): Promise<Doubted> {
  const record = await readJson(store, runKeys(runId).node(id).record, nodeRecordSchema);
  // Whether a score is too good for the others is judged anew: nodes recorded since may have borne it out.
  const lasting = (record?.marks ?? []).filter(({ kind }) => kind !== 'too_good');
  return { id, searchScore: metric, marks: joinMarks(lasting, marks) };
}

async function countRecorded(store: ArtifactStore, runId: string): Promise<number> {
  const state = await readJson(store, runKeys(runId).state, stateFileSchema);
  return state === null ? 0 : state.nodes.working + state.nodes.failed;
}

function isOfSame(earlier: SelectionFile, candidates: readonly Doubted[], recordedNodes: number): boolean {
  const compared = (all: readonly Doubted[]): string =>
    JSON.stringify(all.map(({ id, searchScore, marks }) => [id, searchScore, marks.map(({ kind }) => kind)]));
  return earlier.recordedNodes === recordedNodes && compared(earlier.candidates) === compared(candidates);
}

async function score(
  { store, scoreSelection }: SelectDependencies,
  run: RunFile,
  input: SelectInput,
  candidates: readonly Doubted[],
  signal: AbortSignal,
): Promise<SelectionCandidate[]> {
  const scores =
    input.evaluation === 'holdout'
      ? await scoreSelection(
          run,
          candidates.map(({ id }) => id),
          signal,
        )
      : await scoreReruns(store, input, candidates);
  return candidates.map((candidate) => {
    const found = scores.get(candidate.id);
    return { ...candidate, selectionScore: found?.score ?? null, standardError: found?.standardError ?? null };
  });
}

async function scoreReruns(
  store: ArtifactStore,
  { runId, reruns }: SelectInput,
  candidates: readonly Doubted[],
): Promise<ReadonlyMap<number, SelectionScore>> {
  const scores = new Map<number, SelectionScore>();
  for (const { id, searchScore } of candidates) {
    const metrics: number[] = [];
    for (let number = 1; number <= reruns; number += 1) {
      const key = runKeys(runId).node(id).variant(`seed-${number}`).execution;
      const execution = await readJson(store, key, executionFileSchema);
      if (execution?.status === 'ok' && execution.metric !== null) metrics.push(execution.metric);
    }
    const found = rerunScore(searchScore, metrics);
    if (found !== null) scores.set(id, found);
  }
  return scores;
}

function outcomeOf({ winner, searchScore, selectionScore, gap }: SelectionFile): SelectionOutcome {
  return { winner, searchScore, selectionScore, gap };
}

function usedUp(earlier: SelectionFile): SelectionFile['used'][number] {
  return { ...outcomeOf(earlier), candidates: earlier.candidates, selectedAt: earlier.selectedAt };
}
