import type { NotifyWay } from '../domain/notice';
import type { Purpose } from '../domain/purpose';
import type { ScriptVariant } from '../domain/script-variant';

/** Keys of one model call. */
export interface CallKeys {
  readonly prompt: string;
  readonly response: string;
  /** Why the prompt cannot be answered as it stands; instead of a response. */
  readonly refusal: string;
  /** One sending of the prompt; from 1. Written before it is sent and once more when it has ended. */
  attempt(number: number): string;
  readonly directory: string;
}

/** Keys of what a model writes about the run as a whole. */
export interface WrittenKeys {
  readonly directory: string;
  /** What it is made of; written before the first call. */
  readonly step: string;
  readonly text: string;
  readonly record: string;
  call(ask: number): CallKeys;
}

/** Keys of one run of a node's script. */
export interface VariantKeys {
  readonly process: string;
  readonly execution: string;
  readonly output: string;
  /** What the script predicted, withheld rows included. */
  readonly predictions: string;
  /** The predictions less the withheld rows. */
  readonly submission: string;
  /** Directory of what else the task wants kept of it. */
  readonly outputs: string;
}

/** Keys of one node; all lie below `directory`. */
export interface NodeKeys extends VariantKeys {
  readonly directory: string;
  readonly step: string;
  readonly plan: string;
  readonly solution: string;
  readonly proposal: string;
  readonly grade: string;
  readonly review: string;
  readonly record: string;
  /** What a person noted about the node. */
  readonly notes: string;
  readonly calls: string;
  call(purpose: Purpose, ask: number): CallKeys;
  /** Of `node` the node's own keys, else keys below `variants/`. */
  variant(variant: ScriptVariant): VariantKeys;
}

/** Keys of one run; all lie below `directory`. */
export interface RunKeys {
  readonly directory: string;
  readonly run: string;
  readonly state: string;
  readonly preview: string;
  readonly evaluation: string;
  readonly selection: string;
  /** Packages of the task's own environment. */
  readonly environment: string;
  /** Copies of the task's own files: evaluator, scorer, requirements. */
  readonly task: string;
  /** The data as scripts see it, where that is not the user's own directory. */
  readonly data: string;
  readonly journal: string;
  readonly report: string;
  /** The report's own words about the search, by the model. */
  readonly story: WrittenKeys;
  readonly digests: string;
  /** What a replay came to, node by node. */
  readonly replay: string;
  /** What a fork took over. */
  readonly fork: string;
  /** Prompt templates that replace coppice's own. */
  readonly prompts: string;
  readonly tree: string;
  readonly best: string;
  readonly bestsDirectory: string;
  readonly nodes: string;
  readonly supersededDirectory: string;
  readonly hints: string;
  /** Scripts that people brought, before they are nodes. */
  readonly injections: string;
  hint(number: number): string;
  /** How telling of the run went, in this way. */
  notices(way: NotifyWay): string;
  injected(number: number): string;
  bests(node: number): string;
  /** The digest written when `upTo` nodes had been recorded. */
  digest(upTo: number): WrittenKeys;
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
    evaluation: `${runId}/evaluation.json`,
    selection: `${runId}/selection.json`,
    environment: `${runId}/environment.json`,
    task: `${runId}/task`,
    data: `${runId}/data`,
    journal: `${runId}/journal.jsonl`,
    report: `${runId}/report.md`,
    story: writtenKeys(`${runId}/story`, 'report'),
    digests: `${runId}/digests`,
    replay: `${runId}/replay.json`,
    fork: `${runId}/fork.json`,
    prompts: `${runId}/prompts`,
    tree: `${runId}/tree.html`,
    best: `${runId}/best`,
    bestsDirectory: `${runId}/bests`,
    nodes: `${runId}/nodes`,
    supersededDirectory: `${runId}/superseded`,
    hints: `${runId}/hints`,
    injections: `${runId}/injected`,
    notices: (way) => `${runId}/notices/${way}.json`,
    hint: (number) => `${runId}/hints/${number}.json`,
    injected: (number) => `${runId}/injected/${number}.json`,
    digest: (upTo) => writtenKeys(`${runId}/digests/${upTo}`, 'digest'),
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
    ...variantKeys(directory),
    grade: `${directory}/grade.json`,
    review: `${directory}/review.json`,
    record: `${directory}/node.json`,
    notes: `${directory}/notes.json`,
    calls: `${directory}/calls`,
    call: (purpose, ask) => callKeys(`${directory}/calls/${purpose}-${ask}`),
    variant: (variant) => variantKeys(variant === 'node' ? directory : `${directory}/variants/${variant}`),
  };
}

function writtenKeys(directory: string, purpose: Purpose): WrittenKeys {
  return {
    directory,
    step: `${directory}/step.json`,
    text: `${directory}/${purpose}.md`,
    record: `${directory}/${purpose}.json`,
    call: (ask) => callKeys(`${directory}/calls/${purpose}-${ask}`),
  };
}

/** Keys of the call whose files lie in this directory. */
export function callKeys(directory: string): CallKeys {
  return {
    directory,
    prompt: `${directory}/prompt.json`,
    response: `${directory}/response.json`,
    refusal: `${directory}/refusal.json`,
    attempt: (number) => `${directory}/attempt-${number}.json`,
  };
}

function variantKeys(directory: string): VariantKeys {
  return {
    process: `${directory}/process.json`,
    execution: `${directory}/execution.json`,
    output: `${directory}/output.log`,
    predictions: `${directory}/predictions.csv`,
    submission: `${directory}/submission.csv`,
    outputs: `${directory}/outputs`,
  };
}
