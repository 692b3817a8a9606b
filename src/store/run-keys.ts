import type { Purpose } from '../domain/purpose';

/** Keys of one model call. */
export interface CallKeys {
  readonly prompt: string;
  readonly response: string;
}

/** Keys of one node; all lie below `directory`. */
export interface NodeKeys {
  readonly directory: string;
  readonly step: string;
  readonly plan: string;
  readonly solution: string;
  readonly proposal: string;
  readonly process: string;
  readonly execution: string;
  readonly output: string;
  readonly submission: string;
  readonly review: string;
  readonly record: string;
  readonly calls: string;
  call(purpose: Purpose, ask: number): CallKeys;
}

/** Keys of one run; all lie below `directory`. */
export interface RunKeys {
  readonly directory: string;
  readonly run: string;
  readonly state: string;
  readonly preview: string;
  readonly journal: string;
  readonly report: string;
  readonly tree: string;
  readonly best: string;
  readonly nodes: string;
  readonly supersededDirectory: string;
  bests(node: number): string;
  node(id: number): NodeKeys;
  superseded(name: string): string;
}

/** Where the files of a run lie in the store. */
export function runKeys(runId: string): RunKeys {
  return {
    directory: runId,
    run: `${runId}/run.json`,
    state: `${runId}/state.json`,
    preview: `${runId}/preview.json`,
    journal: `${runId}/journal.jsonl`,
    report: `${runId}/report.md`,
    tree: `${runId}/tree.html`,
    best: `${runId}/best`,
    nodes: `${runId}/nodes`,
    supersededDirectory: `${runId}/superseded`,
    bests: (node) => `${runId}/bests/${node}`,
    node: (id) => nodeKeys(`${runId}/nodes/${id}`),
    superseded: (name) => `${runId}/superseded/${name}`,
  };
}

function nodeKeys(directory: string): NodeKeys {
  return {
    directory,
    step: `${directory}/step.json`,
    plan: `${directory}/plan.md`,
    solution: `${directory}/solution.py`,
    proposal: `${directory}/proposal.json`,
    process: `${directory}/process.json`,
    execution: `${directory}/execution.json`,
    output: `${directory}/output.log`,
    submission: `${directory}/submission.csv`,
    review: `${directory}/review.json`,
    record: `${directory}/node.json`,
    calls: `${directory}/calls`,
    call: (purpose, ask) => ({
      prompt: `${directory}/calls/${purpose}-${ask}/prompt.json`,
      response: `${directory}/calls/${purpose}-${ask}/response.json`,
    }),
  };
}
