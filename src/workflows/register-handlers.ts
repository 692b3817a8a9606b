import { setHandler } from '@temporalio/workflow';
import { registerCourse } from './course-handlers';
import type { TreePage, TreePageRequest } from './messages';
import { nodeQuery, progressQuery, treeQuery } from './messages';
import { registerSteeringHandlers } from './register-steering-handlers';
import { progressOf } from './run-standing';
import type { RunState } from './run-state';

const MOST_NODES_A_PAGE = 1000;

/** Answers every query and update of `messages.ts` from now on. */
export function registerHandlers(run: RunState): void {
  setHandler(progressQuery, () => progressOf(run), { description: 'Where the run stands.' });
  setHandler(treeQuery, (request) => treePage(run, request), { description: 'A page of the tree.' });
  setHandler(nodeQuery, (id) => run.tree.find(id), { description: 'One node.' });
  registerCourse(run);
  registerSteeringHandlers(run);
}

function treePage(run: RunState, request: TreePageRequest = {}): TreePage {
  const after = request.after ?? 0;
  const limit = Math.min(request.limit ?? MOST_NODES_A_PAGE, MOST_NODES_A_PAGE);
  const rest = run.tree.all().filter((node) => node.id > after);
  const nodes = rest.slice(0, limit);
  return { nodes, next: rest.length > limit ? (nodes.at(-1)?.id ?? null) : null };
}
