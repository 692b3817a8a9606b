import { executionFileSchema, processFileSchema, type ProcessFile } from '../../domain/node-record';
import { isOffline } from '../../domain/resolved-model';
import type { NodeView, RunView } from '../../report/run-view';
import { controlDirectory } from '../../sandbox/attempts';
import { lastLine } from '../../sandbox/live-output';
import type { Redactor } from '../../store/redaction/redactor';
import type { ArtifactStore } from '../../store/artifact-store';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import type { Doing } from './frame-model';
import type { PendingStep } from './server-facts';

/** Steps that belong to no node, in words. */
const RUN_STEPS: Readonly<Record<string, string>> = {
  openRun: 'prepares the run',
  preview: 'reads the data',
  split: 'withholds rows for scoring',
  digest: 'sums up what was learnt',
  select: 'makes the final selection',
  summarize: 'tells the story of the run',
  report: 'writes the report',
};

/** Where to look for what slots do. */
export interface DoingSources {
  readonly store: ArtifactStore;
  /** This machine: output of scripts that run here is read from their own files. */
  readonly hostId: string;
  /** Keeps what looks like a key off the screen: the output is the script's own until it is stored. */
  readonly redactor: Redactor;
  /** What the server says; none without one. */
  readonly pending: readonly PendingStep[];
}

/** What is under way for the run as a whole, then for each node in flight. */
export async function readDoings(view: RunView, sources: DoingSources): Promise<Doing[]> {
  const forRun = sources.pending.flatMap(({ name, scheduledAt }): Doing[] => {
    const words = RUN_STEPS[name];
    return words === undefined ? [] : [{ node: null, words, since: scheduledAt, line: '' }];
  });
  const inFlight = view.nodes.filter((node) => node.status === 'in_flight').filter(({ stage }) => stage !== 'ended');
  return [...forRun, ...(await Promise.all(inFlight.map((node) => doingOf(node, view, sources))))];
}

type InFlight = Extract<NodeView, { status: 'in_flight' }>;

async function doingOf(node: InFlight, view: RunView, sources: DoingSources): Promise<Doing> {
  const keys = runKeys(view.runId).node(node.id);
  const startedAt = Date.parse(node.startedAt);
  if (node.stage === 'writing') {
    return { node: node.id, words: writingWords(node, view), since: startedAt, line: '' };
  }
  if (node.stage === 'executing') {
    const script = await readJson(sources.store, keys.process, processFileSchema);
    if (script === null) return { node: node.id, words: 'waits for a slot', since: startedAt, line: '' };
    const line = await lineOf(node, script, sources);
    return { node: node.id, words: 'runs the script', since: Date.parse(script.startedAt), line };
  }
  const execution = await readJson(sources.store, keys.execution, executionFileSchema);
  const since = execution === null ? startedAt : Date.parse(execution.finishedAt);
  const reviewing = isOffline(view.run.models) ? 'reads the output' : 'asks the reviewer';
  return { node: node.id, words: node.stage === 'grading' ? 'scores the result' : reviewing, since, line: '' };
}

function writingWords({ operator }: InFlight, { run }: RunView): string {
  return isOffline(run.models) || operator === 'inject' ? 'writes the script' : 'asks the model';
}

/** From the output itself on this machine, as the last heartbeat said on another one. */
async function lineOf(node: InFlight, script: ProcessFile, sources: DoingSources): Promise<string> {
  const { hostId, pending, redactor } = sources;
  if (script.hostId !== hostId) return pending.find((step) => step.script?.node === node.id)?.script?.line ?? '';
  return lastLine(controlDirectory(script.directory), redactor).catch(() => '');
}
