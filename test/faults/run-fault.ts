import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { PauseReason } from '../../src/domain/run-files';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import { readNodeCalls, type NodeCall } from '../../src/llm/node-calls';
import { createDirectoryStore } from '../../src/store/directory-store';
import { progressQuery, resumeUpdate } from '../../src/workflows/messages';
import type { StoredRun } from '../helpers/coppice-process';
import { servedTotals, type RequestRecord } from '../scripted-model/request-log';
import type { Fault } from './fault';
import type { FaultScene } from './fault-scene';

/** Nodes of each run: the first meets the fault, the second shows that the run goes on. */
const STEPS = 2;

/** Two proposals, two reviews, and the words for the report. */
const USUAL_REQUESTS = 5;

/** Longest that a run may take, in milliseconds; five tries of a call alone take half a minute. */
const PATIENCE_MS = 240_000;

export interface FaultReport {
  readonly fault: Fault;
  readonly runId: string;
  /** What coppice did, in words. */
  readonly did: string;
  readonly requests: number;
  /** From the first sending of the first node's calls to the last answer, without what lies between its steps. */
  readonly secondsLost: number;
  /** What is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

/** Has a short run meet the fault, resumes it where it pauses, and looks at what became of it. */
export async function runFault(scene: FaultScene, fault: Fault, runId: string): Promise<FaultReport> {
  const server = scene.serverOf(fault);
  server.control.addRules(...(fault.rules ?? []).map((rule) => ({ ...rule, runId })));
  const mend = (await fault.prepare?.(server)) ?? (() => Promise.resolve());
  await scene.start(runId, specFor(scene, fault));
  const handle = scene.client.workflow.getHandle(runId);
  const pauses: PauseReason[] = [];
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const { state } = await scene.place.readRun(runId);
    if (state?.state === 'finished') break;
    if (Date.now() > end) return wedged(fault, runId, scene.requests(runId));
    // The file goes on to tell of a pause for a moment after it.
    const pause = state?.state === 'paused' ? (await handle.query(progressQuery)).pause : null;
    if (pause !== null) {
      pauses.push(pause.reason);
      server.control.clearRules(runId);
      await mend();
      await handle.executeUpdate(resumeUpdate);
    }
    await sleep(100);
  }
  await handle.result();
  const store = createDirectoryStore(scene.place.store);
  const calls = await readNodeCalls(store, runId, 1);
  const run = await scene.place.readRun(runId);
  const requests = scene.requests(runId);
  const { unended } = await readCallLedger(store, runId);
  return {
    fault,
    runId,
    did: inWords({ calls, requests, pauses, run }),
    requests: requests.length,
    secondsLost: secondsOf(calls),
    problems: problemsOf(fault, { calls, requests, pauses, run }, unended.length),
  };
}

function specFor(scene: FaultScene, fault: Fault): Partial<RunSpecInput> {
  const setting = { name: 'scripted', baseUrl: scene.serverOf(fault).baseUrl, ...fault.model };
  const fallback = fault.hasFallback === true ? [{ name: 'second', baseUrl: scene.shared.baseUrl }] : [];
  return { steps: STEPS, models: { default: [setting, ...fallback] } };
}

interface Observed {
  /** Of the first node. */
  readonly calls: readonly NodeCall[];
  readonly requests: readonly RequestRecord[];
  readonly pauses: readonly PauseReason[];
  readonly run: StoredRun;
}

function wedged(fault: Fault, runId: string, requests: readonly RequestRecord[]): FaultReport {
  const problems = [`the run did not end within ${PATIENCE_MS / 1000} s`];
  return { fault, runId, did: 'wedged', requests: requests.length, secondsLost: PATIENCE_MS / 1000, problems };
}

function problemsOf({ expected }: Fault, observed: Observed, unended: number): string[] {
  const { requests, pauses, run } = observed;
  const served = servedTotals(requests);
  const [first, second] = run.nodes;
  const counted: Record<string, unknown> = { ...run.state?.usage };
  const problems = [
    differs('nodes', run.nodes.map(({ id }) => id).join(), '1,2'),
    differs('why the run ended', run.state?.stopReason, 'steps'),
    differs('requests', requests.length, USUAL_REQUESTS + expected.moreRequests),
    differs('pauses', [...new Set(pauses)].join(), expected.pause ?? ''),
    differs('times paused', pauses.length, expected.pause === undefined ? 0 : 1),
    differs('failure of node 1', first?.reason ?? null, expected.failed ?? null),
    differs('failure of node 2', second?.reason ?? null, null),
    differs('node 1 is unreviewed', isUnreviewed(observed), expected.unreviewed === true),
    differs('answers bought again', boughtAgain(requests).join(), ''),
    differs('calls without an end', unended, 0),
    ...(['promptTokens', 'completionTokens', 'cachedTokens', 'reasoningTokens'] as const).map((key) =>
      differs(`${key} (coppice, then the server)`, counted[key], served[key]),
    ),
  ];
  return problems.filter((problem) => problem !== null);
}

/** Calls that were answered well more than once. */
export function boughtAgain(requests: readonly RequestRecord[]): string[] {
  const answered = requests.filter(({ isAnswer }) => isAnswer).map(({ call }) => call);
  return [...new Set(answered.filter((call, index) => answered.indexOf(call) !== index))];
}

function differs(what: string, found: unknown, expected: unknown): string | null {
  return found === expected ? null : `${what}: ${String(found)} instead of ${String(expected)}`;
}

function isUnreviewed({ calls, run }: Observed): boolean {
  const reviews = calls.filter(({ purpose }) => purpose === 'review');
  return run.nodes[0]?.reason === null && reviews.length > 0 && run.nodes[0].lesson === null;
}

/** What coppice did about the fault, from the files of the first node's calls and from the server's log. */
function inWords(observed: Observed): string {
  const { calls, requests, pauses, run } = observed;
  const lacks = new Set(
    requests.flatMap(({ fault }) => (fault?.startsWith('lacks ') === true ? [fault.slice(6)] : [])),
  );
  const again = calls.reduce((sum, { attempts }) => sum + Math.max(0, attempts.length - 1), 0);
  const anew = calls.filter(({ ask }) => ask > 1);
  const shorter = calls.filter(({ refusal }) => refusal !== null).length;
  const roomier = anew.filter(({ request }) => request.maxTokens !== undefined).length;
  const endpoints = new Set(calls.flatMap(({ attempts }) => attempts.map(({ endpoint }) => endpoint)));
  const reason = run.nodes[0]?.reason ?? null;
  const words = [
    ...(lacks.size === 0 ? [] : [`did without ${[...lacks].join(', ')} from then on`]),
    ...(again === 0 ? [] : [`sent the same again ${times(again)}`]),
    ...(anew.length === 0 ? [] : [`asked anew ${times(anew.length)}${manner(shorter, roomier)}`]),
    ...(endpoints.size > 1 ? ['turned to the second model'] : []),
    ...pauses.map((pause) => `paused (${pause}), went on when resumed`),
    ...(reason === null ? [] : [`recorded the node as failed (${reason})`]),
    ...(isUnreviewed(observed) ? ['recorded the node without a review'] : []),
  ];
  return words.length === 0 ? 'took the answer' : words.join('; ');
}

function manner(shorter: number, roomier: number): string {
  if (shorter > 0) return ', with less in the prompt';
  return roomier > 0 ? ', with more room' : '';
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** Seconds from the first sending to the last end, of the proposal and of the review. */
function secondsOf(calls: readonly NodeCall[]): number {
  const steps = [
    calls.filter(({ purpose }) => purpose !== 'review'),
    calls.filter(({ purpose }) => purpose === 'review'),
  ];
  return steps.reduce((sum, step) => sum + spanOf(step.flatMap(({ attempts }) => attempts)), 0);
}

function spanOf(attempts: NodeCall['attempts']): number {
  const sent = attempts.map(({ sentAt }) => Date.parse(sentAt));
  const ended = attempts.flatMap(({ endedAt }) => (endedAt === null ? [] : [Date.parse(endedAt)]));
  return ended.length === 0 ? 0 : (Math.max(...ended) - Math.min(...sent)) / 1000;
}
