import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { z } from 'zod';
import { inputProblems } from '../domain/input-problems';
import {
  MOST_HINTS,
  hintRequestSchema,
  injectRequestSchema,
  noteRequestSchema,
  pruneRequestSchema,
} from '../domain/steering';
import type { HintRequest, InjectRequest, NoteRequest, PruneRequest } from '../domain/steering';
import { hintUpdate, injectUpdate, noteUpdate, pruneUpdate } from './messages';
import { whilePublishing } from './record-node';
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
    validator: (request) => refuse(run, 'hint', problemsOf(hintRequestSchema(request), request), againstHint),
  });
  setHandler(injectUpdate, (request) => inject(run, request), {
    description:
      'Makes a node of a script, which is run and scored like any other: {"code": "…", "title": "…", "parent": 3}; ' +
      'without a parent it is a root of its own.',
    validator: (request) => refuse(run, 'script', problemsOf(injectRequestSchema, request), againstScript),
  });
  setHandler(pruneUpdate, (request) => prune(run, request), {
    description:
      'Takes a node with all that descends from it out of selection and best: {"node": 3}; "undo": true takes it back.',
    validator: (request) => refuse(run, 'request', problemsOf(pruneRequestSchema, request), againstPruning),
  });
  setHandler(noteUpdate, (request) => note(run, request), {
    description: 'Notes what was found out elsewhere: {"node": 3, "scores": {"public": 0.83}, "text": "…"}.',
    validator: (request) => refuse(run, 'note', problemsOf(noteRequestSchema, request), againstNote),
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
  return run.progress();
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
  if (run.ending) return OVER;
  if (run.replayed !== null) return 'a replay asks no model, so nobody would read the hint';
  if (hints.inForce.length >= MOST_HINTS) return `${MOST_HINTS} hints are in force already; withdraw one first`;
  return request.node === undefined ? null : unknownNode(run, '$.node', request.node);
}

function againstScript(run: RunState, { parent }: InjectRequest): Refusal {
  if (run.ending || run.stopRequested || run.draining) return OVER;
  if (run.replayed !== null) return 'a replay runs the scripts of its source and no others';
  if (parent === undefined) return null;
  const unknown = unknownNode(run, '$.parent', parent);
  if (unknown !== null) return unknown;
  if (run.tree.isPruned(parent)) return `$.parent: node ${parent} is pruned`;
  return run.tree.node(parent).status === 'in_flight' ? `$.parent: node ${parent} is not recorded yet` : null;
}

function againstPruning(run: RunState, { node, undo = false }: PruneRequest): Refusal {
  if (run.ending) return OVER;
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

const OVER = 'the run is ending; nothing can be changed any more';

function unknownNode(run: RunState, path: string, node: number): Refusal {
  return run.tree.find(node) === null ? `${path}: there is no node ${node}` : null;
}

/** For validators: refuses a request of the wrong shape with every problem of it, then one that does not fit the run. */
function refuse<Request>(
  run: RunState,
  what: string,
  parsed: Parsed<Request>,
  against: (run: RunState, request: Request) => Refusal,
): void {
  if (parsed.problems.length > 0) throw refused(`the ${what} is wrong: ${parsed.problems.join('; ')}`);
  const problem = run.opened && parsed.request !== null ? against(run, parsed.request) : null;
  if (problem !== null) throw refused(problem);
}

interface Parsed<Request> {
  readonly request: Request | null;
  readonly problems: readonly string[];
}

function problemsOf<Request>(schema: z.ZodType<Request>, input: unknown): Parsed<Request> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { request: parsed.data, problems: [] };
  return { request: null, problems: inputProblems(parsed.error).map(({ path, message }) => `${path}: ${message}`) };
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message);
}
