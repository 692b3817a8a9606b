import { nodeRecordSchema, type StepIdentity } from '../domain/node-record';
import { stateFileSchema, type RunFile } from '../domain/run-files';
import type { Task } from '../domain/task';
import type { Reviewed } from '../llm/compose-review';
import { REASON_WORDS, scoreText } from '../llm/prompts/wording';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/** What a node came to. */
type Outcome = Pick<Reviewed['outcome'], 'reason' | 'message' | 'metric'>;

/** Prompts repeat a result many times, and an error's own words tell enough at their beginning. */
const MOST_MESSAGE_CHARACTERS = 200;

/** A node's summary when no reviewer said anything of it. */
export function factsSummary(task: Task, { reason, message, metric }: Outcome, whyUnreviewed: string): string {
  if (reason !== null) return `Failed: ${REASON_WORDS[reason]}. ${message}`.trim();
  return `${task.metric} ${metric === null ? 'unknown' : scoreText(metric)}; not reviewed, ${whyUnreviewed}.`;
}

/**
 * The result that a lesson names, made of what coppice knows itself: the score beside those of the parent and of the
 * best when the node was reviewed, or what failed.
 */
export async function lessonResult(
  store: ArtifactStore,
  run: RunFile,
  nodeId: number,
  { identity, outcome, isBug }: { identity: StepIdentity; outcome: Outcome; isBug: boolean },
): Promise<string> {
  const { reason, message, metric } = outcome;
  if (reason !== null || metric === null) {
    const said = firstLine(message);
    return `failed: ${reason === null ? 'no score' : REASON_WORDS[reason]}${said === '' ? '' : ` (${said})`}`;
  }
  const facts = [
    `${run.task.metric} ${scoreText(metric)}`,
    await ofParent(store, run.runId, identity.parent),
    await ofBest(store, run.runId, nodeId, identity.parent),
    isBug ? 'the reviewer does not trust it' : null,
  ];
  return facts.filter((fact) => fact !== null).join('; ');
}

async function ofParent(store: ArtifactStore, runId: string, parent: number | null): Promise<string | null> {
  if (parent === null) return null;
  const record = await readJson(store, runKeys(runId).node(parent).record, nodeRecordSchema);
  if (record === null) return null;
  return record.metric === null ? 'its parent failed' : `its parent had ${scoreText(record.metric)}`;
}

async function ofBest(
  store: ArtifactStore,
  runId: string,
  nodeId: number,
  parent: number | null,
): Promise<string | null> {
  const best = (await readJson(store, runKeys(runId).state, stateFileSchema))?.best ?? null;
  if (best === null || best.id === nodeId) return null;
  return best.id === parent ? 'the parent was the best' : `the best had ${scoreText(best.metric)}`;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, MOST_MESSAGE_CHARACTERS) ?? '';
}
