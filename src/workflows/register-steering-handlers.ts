import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { z } from 'zod';
import {
  MOST_HINTS,
  hintRequestSchema,
  injectRequestSchema,
  noteRequestSchema,
  pruneRequestSchema,
} from '../domain/steering';
import type { HintRequest, InjectRequest, NoteRequest, PruneRequest } from '../domain/steering';
import { hintUpdate, injectUpdate, noteUpdate, pruneUpdate } from './messages';
import { parsedUpdate } from './parse-update';
import { whilePublishing } from './record-node';
import { RUN_IS_ENDING } from './refuse-when-over';
import { progressOf } from './run-standing';
import type { RunState } from './run-state';
import { saveState } from './run-step';
import { fileSteps } from './step-activities';

/** What is wrong with a request in the run as it is; null when it may be carried out. */
type Refusal = string | null;

/**
 * Answers the updates `hint`, `inject`, `prune` and `note`. Each is checked when it arrives, as far as the run is known
 * by then, and again when it is carried out: before the run is open nobody knows its nodes.
 */
export function registerSteeringHandlers(run: RunState): void {
  setHandler(hintUpdate, (request) => hint(run, request), {
    description:
      'Gives a hint for the prompts to come, {"text": "…"}, or {"text": "…", "node": 3} for what is made from node 3 ' +
      'on; {"withdraw": 2} takes hint 2 back.',
    validator: (request) => refuse(run, 'the hint', hintRequestSchema(request), request, againstHint),
  });
  setHandler(injectUpdate, (request) => inject(run, request), {
    description:
      'Makes a node of a script, which is run and scored like any other: {"code": "…", "title": "…", "parent": 3}; ' +
      'without a parent it is a root of its own.',
    validator: (request) => refuse(run, 'the script', injectRequestSchema, request, againstScript),
  });
  setHandler(pruneUpdate, (request) => prune(run, request), {
    description:
      'Takes a node with all that descends from it out of selection and best: {"node": 3}; "undo": true takes it back.',
    validator: (request) => refuse(run, 'the request', pruneRequestSchema, request, againstPruning),
  });
  setHandler(noteUpdate, (request) => note(run, request), {
    description: 'Notes what was found out elsewhere: {"node": 3, "scores": {"public": 0.83}, "text": "…"}.',
    validator: (request) => refuse(run, 'the note', noteRequestSchema, request, againstNote),
  });
}

async function hint(run: RunState, request: HintRequest): Promise<{ readonly number: number }> {
  await untilOpen(run, () => againstHint(run, request));
  const { runId, steering } = run;
  if ('withdraw' in request) {
    const number = request.withdraw;
    await fileSteps.hint({ runId, number, withdraw: true });
    steering.hints.withdraw(number);
    return { number };
  }
  const number = steering.hints.nextNumber();
  const { text, node = null } = request;
  await fileSteps.hint({ runId, number, text, node });
  steering.hints.give({ number, node });
  return { number };
}

async function inject(run: RunState, request: InjectRequest): Promise<{ readonly node: number }> {
  await untilOpen(run, () => againstScript(run, request));
  const { runId, steering } = run;
  const number = steering.nextInjection();
  await fileSteps.storeInjected({ runId, number, request });
  if (run.ending)
    throw refused('the run came to its end meanwhile; the script is stored, and a later extension runs it');
  const node = steering.place(run.tree, number, request.parent ?? null);
  run.unsaved = true;
  return { node };
}

async function prune(run: RunState, request: PruneRequest) {
  await untilOpen(run, () => againstPruning(run, request));
  run.prune(request.node, request.undo ?? false);
  await whilePublishing(run, () => saveState(run, true));
  return progressOf(run);
}

async function note(run: RunState, request: NoteRequest): Promise<{ readonly node: number }> {
  await untilOpen(run, () => againstNote(run, request));
  await fileSteps.note({ runId: run.runId, note: request });
  return { node: request.node };
}

/** Waits until the files are known to be this run's, and its tree is there. */
async function untilOpen(run: RunState, refusal: () => Refusal): Promise<void> {
  await condition(() => run.opened || run.ending);
  const problem = refusal();
  if (problem !== null) throw refused(problem);
}

function againstHint(run: RunState, request: HintRequest): Refusal {
  const { hints } = run.steering;
  if ('withdraw' in request) {
    return hints.isInForce(request.withdraw) ? null : `$.withdraw: no hint ${request.withdraw} is in force`;
  }
  if (run.ending) return RUN_IS_ENDING;
  if (run.replayed !== null) return 'a replay asks no model, so nobody would read the hint';
  if (hints.inForce.length >= MOST_HINTS) return `${MOST_HINTS} hints are in force already; withdraw one first`;
  return request.node === undefined ? null : unknownNode(run, '$.node', request.node);
}

function againstScript(run: RunState, { parent }: InjectRequest): Refusal {
  if (run.ending || run.stopRequested || run.draining) return RUN_IS_ENDING;
  if (run.replayed !== null) return 'a replay runs the scripts of its source and no others';
  if (parent === undefined) return null;
  const unknown = unknownNode(run, '$.parent', parent);
  if (unknown !== null) return unknown;
  if (run.tree.isPruned(parent)) return `$.parent: node ${parent} is pruned`;
  return run.tree.node(parent).status === 'in_flight' ? `$.parent: node ${parent} is not recorded yet` : null;
}

function againstPruning(run: RunState, { node, undo = false }: PruneRequest): Refusal {
  if (run.ending) return RUN_IS_ENDING;
  const unknown = unknownNode(run, '$.node', node);
  if (unknown !== null) return unknown;
  const isPruned = run.tree.pruned.includes(node);
  if (undo === isPruned) return null;
  return undo
    ? `$.node: node ${node} was not pruned by itself${below(run, node)}`
    : `$.node: node ${node} is pruned already`;
}

/** Of which pruned node it is a part. */
function below(run: RunState, node: number): string {
  if (!run.tree.isPruned(node)) return '';
  let root: number | null = node;
  while (root !== null && !run.tree.pruned.includes(root)) root = run.tree.find(root)?.parent ?? null;
  return root === null ? '' : `, but with node ${root}`;
}

function againstNote(run: RunState, { node }: NoteRequest): Refusal {
  return unknownNode(run, '$.node', node);
}

function unknownNode(run: RunState, path: string, node: number): Refusal {
  return run.tree.find(node) === null ? `${path}: there is no node ${node}` : null;
}

/** For validators: refuses a request of the wrong shape with every problem of it, then one that does not fit the run. */
function refuse<Request>(
  run: RunState,
  what: string,
  schema: z.ZodType<Request>,
  input: unknown,
  against: (run: RunState, request: Request) => Refusal,
): void {
  const request = parsedUpdate(schema, input, what);
  const problem = run.opened ? against(run, request) : null;
  if (problem !== null) throw refused(problem);
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message);
}
