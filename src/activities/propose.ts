import { proposalFileSchema, stepFileSchema, type ProposalFile, type StepIdentity } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { ProposeInput, ProposeResult } from '../domain/steps';
import { codeBlocks } from '../llm/code-blocks';
import { composeProposal } from '../llm/compose-proposal';
import type { ModelAnswer } from '../llm/model';
import { parseAnswer } from '../llm/parse-answer';
import { loadRun, modelAt } from '../llm/run-material';
import { stripThinking } from '../llm/strip-thinking';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { hintTexts } from '../store/stored-hints';
import { MOST_ANSWERS, askUntilUsable, type Asked, type Reading } from './ask-until-usable';
import { claimNode, parentCodeHash } from './claim-node';
import { modelStep, type ModelStepDependencies } from './model-step';
import { replayProposal } from './replay-node';

const MOST_REFUSAL_CHARACTERS = 500;

const EXPECTED =
  'Answer again with a short plan and then exactly one block fenced by ```python and ``` that holds the whole script.';

/**
 * `draft`, `improve` and `debug`: asks a model for a script and stores plan and code. Doing it again reuses what an
 * earlier attempt stored, answers included; what belongs to a node of another identity is moved out of the way.
 */
export function createPropose(dependencies: ModelStepDependencies): (input: ProposeInput) => Promise<ProposeResult> {
  return modelStep((input, signal) => propose(dependencies, input, signal));
}

interface Script {
  readonly plan: string;
  readonly code: string;
}

async function propose(
  dependencies: ModelStepDependencies,
  input: ProposeInput,
  signal: AbortSignal,
): Promise<ProposeResult> {
  const { store } = dependencies;
  await claimNode(store, input, await identityOf(store, input));
  const finished = await readJson(store, runKeys(input.runId).node(input.nodeId).proposal, proposalFileSchema);
  if (finished !== null) return toResult(finished);
  const run = await loadRun(store, input.runId);
  const isReplay = run.request.replay !== undefined;
  const proposal = isReplay
    ? await replayProposal(store, run, input)
    : await askForScript(dependencies, run, input, signal);
  await writeJson(store, runKeys(input.runId).node(input.nodeId).proposal, proposal);
  return toResult(proposal);
}

async function identityOf(
  store: ArtifactStore,
  { runId, nodeId, operator, parent, hints }: ProposeInput,
): Promise<StepIdentity> {
  const texts = hints === null ? await storedHints(store, runId, nodeId) : await hintTexts(store, runId, hints);
  return { operator, parent, parentCodeHash: await parentCodeHash(store, runId, parent), hints: texts };
}

/** A node that had begun keeps its hints, whatever was given or withdrawn since: its answer may be stored already. */
async function storedHints(store: ArtifactStore, runId: string, nodeId: number): Promise<string[]> {
  return (await readJson(store, runKeys(runId).node(nodeId).step, stepFileSchema))?.identity.hints ?? [];
}

async function askForScript(
  dependencies: ModelStepDependencies,
  run: RunFile,
  input: ProposeInput,
  signal: AbortSignal,
): Promise<ProposalFile> {
  const { store } = dependencies;
  const { operator, moneyLeft } = input;
  const keys = runKeys(input.runId).node(input.nodeId);
  const asked = await askUntilUsable(dependencies, {
    keys: (ask) => keys.call(operator, ask),
    target: modelAt(run, operator, input.model),
    moneyLeft,
    compose: (shrunk) => composeProposal(store, run, input, shrunk),
    read: readScript,
    expected: EXPECTED,
    signal,
  });
  if (asked.status !== 'usable') return failedProposal(asked);
  const { plan, code } = asked.value;
  await store.write(keys.plan, `${plan}\n`);
  await store.write(keys.solution, code);
  return { status: 'proposed', codeHash: contentHash(code), usage: asked.usage };
}

/** Of an answer that was cut off only what a closed block holds is sure to be whole. */
function readScript({ text, finishReason }: ModelAnswer): Reading<Script> {
  const parsed = parseAnswer(text);
  if (!parsed.ok) return parsed;
  const { plan, code } = parsed;
  const isWhole = finishReason !== 'length' || codeBlocks(stripThinking(text)).at(-1)?.closed === true;
  return isWhole ? { ok: true, value: { plan, code } } : { ok: false, problem: 'it was cut off before its end' };
}

function failedProposal(asked: Exclude<Asked<Script>, { status: 'usable' }>): ProposalFile {
  const { usage } = asked;
  if (asked.status === 'refused') {
    const message = `the model refused to answer: ${asked.words.slice(0, MOST_REFUSAL_CHARACTERS)}`;
    return { status: 'failed', reason: 'model_refused', message, usage };
  }
  const message =
    asked.status === 'unusable'
      ? `the model gave no usable script in ${MOST_ANSWERS} answers; the last one: ${asked.problem}`
      : `no usable script before the run's cap was reached; the last answer: ${asked.problem ?? 'none'}`;
  return { status: 'failed', reason: 'no_code', message, usage };
}

function toResult(proposal: ProposalFile): ProposeResult {
  const { usage } = proposal;
  if (proposal.status === 'proposed') return { status: 'proposed', usage };
  return { status: 'failed', reason: proposal.reason, usage };
}
