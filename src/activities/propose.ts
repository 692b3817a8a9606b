import {
  FILE_FORMAT,
  proposalFileSchema,
  stepFileSchema,
  type ProposalFile,
  type StepIdentity,
} from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { ProposeInput, ProposeResult } from '../domain/steps';
import { NO_USAGE, addUsage, type Usage } from '../domain/usage';
import { composeProposal } from '../llm/compose-proposal';
import type { ModelClient, ModelRequest } from '../llm/model';
import { parseAnswer } from '../llm/parse-answer';
import { reaskPrompt } from '../llm/prompts/reask';
import { loadRun } from '../llm/run-material';
import { storedCall, usageOf } from '../llm/stored-call';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { freeSupersededKey } from '../store/supersede';
import { modelStep, type ModelStepDependencies } from './model-step';

/** Asks for one step: the first and two more when the answer cannot be used. */
const MOST_ASKS = 3;

const EXPECTED =
  'Answer again with a short plan and then exactly one block fenced by ```python and ``` that holds the whole script.';

/**
 * `draft`, `improve` and `debug`: asks a model for a script and stores plan and code. Doing it again reuses what an
 * earlier attempt stored, answers included; what belongs to a node of another identity is moved out of the way.
 */
export function createPropose(dependencies: ModelStepDependencies): (input: ProposeInput) => Promise<ProposeResult> {
  return modelStep((input, signal) => propose(dependencies, input, signal));
}

async function propose(
  { store, createModel }: ModelStepDependencies,
  input: ProposeInput,
  signal: AbortSignal,
): Promise<ProposeResult> {
  await claimNode(store, input);
  const finished = await readJson(store, runKeys(input.runId).node(input.nodeId).proposal, proposalFileSchema);
  if (finished !== null) return toResult(finished);
  const run = await loadRun(store, input.runId);
  const proposal = await askForScript(store, createModel(run.models.endpoint), run, input, signal);
  await writeJson(store, runKeys(input.runId).node(input.nodeId).proposal, proposal);
  return toResult(proposal);
}

/** Makes the node's directory this step's own: a step of another identity is moved to `superseded/`. */
async function claimNode(store: ArtifactStore, input: ProposeInput): Promise<void> {
  const keys = runKeys(input.runId).node(input.nodeId);
  const identity = await identityOf(store, input);
  const step = await readJson(store, keys.step, stepFileSchema);
  if (step !== null && sameIdentity(step.identity, identity)) return;
  if (step !== null) {
    await store.move(keys.directory, await freeSupersededKey(store, input.runId, String(input.nodeId)));
    // The journal may show the node that is gone now; it is a view and made anew with the next record.
    await store.remove(runKeys(input.runId).journal);
  }
  const startedAt = new Date().toISOString();
  await writeJson(store, keys.step, { format: FILE_FORMAT, identity, decidedAfter: input.decidedAfter, startedAt });
}

async function identityOf(store: ArtifactStore, { runId, operator, parent }: ProposeInput): Promise<StepIdentity> {
  const parentCode = parent === null ? null : await store.read(runKeys(runId).node(parent).solution);
  return { operator, parent, parentCodeHash: parentCode === null ? null : contentHash(parentCode), hints: [] };
}

function sameIdentity(left: StepIdentity, right: StepIdentity): boolean {
  return (
    left.operator === right.operator &&
    left.parent === right.parent &&
    left.parentCodeHash === right.parentCodeHash &&
    left.hints.length === right.hints.length &&
    left.hints.every((hint, index) => hint === right.hints[index])
  );
}

async function askForScript(
  store: ArtifactStore,
  model: ModelClient,
  run: RunFile,
  input: ProposeInput,
  signal: AbortSignal,
): Promise<ProposalFile> {
  const keys = runKeys(input.runId).node(input.nodeId);
  let usage: Usage = NO_USAGE;
  let problem = '';
  let first: ModelRequest | null = null;
  let compose = (): Promise<ModelRequest> => composeProposal(store, run, input);
  for (let ask = 1; ask <= MOST_ASKS; ask += 1) {
    const call = { store, keys: keys.call(input.operator, ask), model, signal, compose };
    const { request, answer } = await storedCall(call);
    usage = addUsage(usage, usageOf(answer));
    const parsed = parseAnswer(answer.text);
    if (parsed.ok) {
      await store.write(keys.plan, `${parsed.plan}\n`);
      await store.write(keys.solution, parsed.code);
      return { status: 'proposed', codeHash: contentHash(parsed.code), usage };
    }
    problem = parsed.problem;
    first ??= request;
    const messages = reaskPrompt(first.messages, answer.text, problem, EXPECTED);
    const next = { ...first, ask: ask + 1, messages };
    compose = () => Promise.resolve(next);
  }
  const message = `the model gave no usable script in ${MOST_ASKS} answers; the last one: ${problem}`;
  return { status: 'failed', reason: 'no_code', message, usage };
}

function toResult(proposal: ProposalFile): ProposeResult {
  const { usage } = proposal;
  if (proposal.status === 'proposed') return { status: 'proposed', usage };
  return { status: 'failed', reason: proposal.reason, usage };
}
