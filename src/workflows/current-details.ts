import { condition, setCurrentDetails } from '@temporalio/workflow';
import type { TreeNode } from '../domain/tree-columns';
import { detailsText } from './details-text';
import { progressOf } from './run-standing';
import type { RunState } from './run-state';
import { totalMs } from './time-limits';

/** How many of the nodes recorded last are kept for show. */
const MOST_LATELY = 8;

/**
 * Keeps the workflow's current details up to date, which Temporal's UI shows. They cost no event: the UI asks for them
 * by a query.
 */
export function keepDetails(run: RunState): void {
  // Ends with the workflow, or with its cancellation; either way nobody waits for it.
  keepUpToDate(run).catch(() => undefined);
}

async function keepUpToDate(run: RunState): Promise<never> {
  let lately: readonly number[] = run.digests.since.slice(-MOST_LATELY);
  for (;;) {
    const newest = run.digests.since.at(-1);
    if (newest !== undefined && newest !== lately.at(-1)) lately = [...lately, newest].slice(-MOST_LATELY);
    setCurrentDetails(currentDetails(run, lately));
    const shown = changesOf(run);
    await condition(() => changesOf(run) !== shown);
  }
}

function currentDetails(run: RunState, lately: readonly number[]): string {
  const { tokens, cost } = run.spec.limits;
  const { extendedTokens, extendedCostUsd } = run.spending.extended;
  const inFlight = run.tree.all().filter(({ status }) => status === 'in_flight');
  return detailsText({
    progress: progressOf(run),
    taskPath: typeof run.spec.task === 'string' ? run.spec.task : run.spec.task.data,
    direction: run.tree.direction,
    elapsedMs: run.clock.elapsedMs(Date.now()),
    totalMs: totalMs(run),
    caps: {
      tokens: tokens === undefined ? null : tokens + extendedTokens,
      costUsd: cost === undefined ? null : cost + extendedCostUsd,
    },
    inFlight: inFlight.map((node) => ({ node, runs: run.scripts.has(node.id) })),
    lately: lately.map((id) => run.tree.find(id)).filter((node): node is TreeNode => node !== null),
  });
}

/** Everything whose change is worth a new page, but time: looked at often, so it touches no list of all nodes. */
function changesOf(run: RunState): string {
  const { state, pause, steps, nodes, best, usage, hints, pruned, selection } = progressOf(run);
  return JSON.stringify([
    state,
    pause,
    steps,
    nodes,
    best,
    usage.calls,
    hints,
    pruned,
    selection,
    run.completions,
    totalMs(run),
    [...run.scripts.keys()],
  ]);
}
