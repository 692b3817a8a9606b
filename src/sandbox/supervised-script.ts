import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';
import { errorCode } from '../store/store-error';
import { bootId, isSameProcess, type ProcessIdentity } from './process-identity';
import { ATTEMPT_VARIABLE, endTree } from './process-tree';
import {
  SUPERVISOR_IDENTITY,
  SUPERVISOR_LOG,
  SUPERVISOR_RESULT,
  SUPERVISOR_SPEC,
  SUPERVISOR_STARTED,
  supervisorIdentitySchema,
  supervisorResultSchema,
  supervisorSpecSchema,
  supervisorStartedSchema,
  type SupervisorResult,
  type SupervisorSpec,
  type SupervisorStarted,
} from './supervisor-files';

const SUPERVISOR = path.join(__dirname, '../../python/supervisor.py');

/** How long a supervisor may take to name itself, in milliseconds; a loaded machine starts Python slowly. */
const BEGIN_MS = 60_000;

/** Longest time between two looks at a script, in milliseconds. */
const LOOK_MS = 100;

/** How long a supervisor has for its result once the script's grace is over, in milliseconds. */
const RESULT_MS = 10_000;

/** What the files of a control directory and the process table say about a script. */
export type Supervision =
  /** No supervisor has named itself; one may be about to. */
  | { readonly status: 'unstarted' }
  /** `started` is null while the script waits for its slot. */
  | { readonly status: 'running'; readonly identity: ProcessIdentity; readonly started: SupervisorStarted | null }
  | { readonly status: 'ended'; readonly result: SupervisorResult }
  /** The supervisor was ended by force and left no result. Its guard ends the script. */
  | { readonly status: 'lost' }
  /** The machine has been restarted since; nothing of the script is left. */
  | { readonly status: 'rebooted' };

/** How a script's supervision came to its end. */
export type Outcome = Exclude<Supervision, { readonly status: 'running' }>;

/** Makes a control directory and its `spec.json`. */
export async function writeSupervisorSpec(controlDirectory: string, spec: SupervisorSpec): Promise<void> {
  await mkdir(controlDirectory, { recursive: true });
  await writeFileAtomic(path.join(controlDirectory, SUPERVISOR_SPEC), `${JSON.stringify(spec, null, 2)}\n`);
}

/**
 * Starts the supervisor of the script that `spec.json` describes and returns once it has named itself. It outlives
 * this process. Where one has been started already, nothing happens: an attempt's script starts at most once.
 *
 * @throws Error with what the supervisor said when it could not begin; the system error when Python cannot be executed
 */
export async function startSupervisor(pythonPath: string, controlDirectory: string): Promise<void> {
  const spec = await readSpec(controlDirectory);
  const log = await open(path.join(controlDirectory, SUPERVISOR_LOG), 'a');
  try {
    const child = spawn(pythonPath, ['-I', '-S', SUPERVISOR, controlDirectory], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'], [ATTEMPT_VARIABLE]: spec.token },
      stdio: ['ignore', 'ignore', log.fd],
    });
    await once(child, 'spawn');
    child.unref();
    // One that finds another at work leaves with status 0, maybe before that one has named itself.
    const failed = (): boolean => (child.exitCode ?? 0) !== 0 || child.signalCode !== null;
    if (await hasBegun(controlDirectory, failed)) return;
  } finally {
    await log.close();
  }
  const said = await readFile(path.join(controlDirectory, SUPERVISOR_LOG), 'utf8').catch(() => '');
  throw new Error(
    `the supervisor of ${spec.directory} did not begin: ${said.trim().slice(-2000) || 'it said nothing'}`,
  );
}

/** Reads where a script stands. */
export async function readSupervision(controlDirectory: string): Promise<Supervision> {
  const result = await readFileOf(controlDirectory, SUPERVISOR_RESULT, supervisorResultSchema);
  if (result !== null) return { status: 'ended', result };
  const identity = await readFileOf(controlDirectory, SUPERVISOR_IDENTITY, supervisorIdentitySchema);
  if (identity === null) return { status: 'unstarted' };
  if (identity.bootId !== (await bootId())) return { status: 'rebooted' };
  if (await isSameProcess(identity)) {
    const started = await readFileOf(controlDirectory, SUPERVISOR_STARTED, supervisorStartedSchema);
    return { status: 'running', identity, started };
  }
  // It may have written the result between the two looks.
  const late = await readFileOf(controlDirectory, SUPERVISOR_RESULT, supervisorResultSchema);
  return late === null ? { status: 'lost' } : { status: 'ended', result: late };
}

/**
 * Waits until a script and its supervisor have come to an end. Any number may watch at once.
 *
 * @throws the signal's reason when aborted; the script runs on
 */
export async function watchScript(controlDirectory: string, signal: AbortSignal): Promise<Outcome> {
  const startedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const seen = await readSupervision(controlDirectory);
    const elapsed = performance.now() - startedAt;
    const beginning = seen.status === 'unstarted' && elapsed < BEGIN_MS;
    if (seen.status !== 'running' && !beginning) return seen;
    // A script that nothing isolates may have frozen its supervisor, and the guard that would wake it.
    if (seen.status === 'running') signalProcess(seen.identity, 'SIGCONT');
    // A short script is noticed soon; a long one costs few looks.
    await pause(Math.min(LOOK_MS, 10 + elapsed / 10), signal);
  }
}

/**
 * Ends a script and everything it started: SIGTERM, its grace, SIGKILL. Returns its result, also when it had ended
 * before; null when there is none and nothing of it is left.
 *
 * @throws Error when a process survives SIGKILL
 */
export async function stopScript(controlDirectory: string): Promise<SupervisorResult | null> {
  const spec = await readSpec(controlDirectory);
  const limit = performance.now() + spec.graceSeconds * 1000 + RESULT_MS;
  let asked = false;
  for (;;) {
    const seen = await readSupervision(controlDirectory);
    if (seen.status === 'ended') return seen.result;
    if (seen.status === 'rebooted') return null;
    if (seen.status !== 'running') break;
    if (performance.now() > limit) {
      signalProcess(seen.identity, 'SIGKILL');
      break;
    }
    if (!asked) signalProcess(seen.identity, 'SIGTERM');
    signalProcess(seen.identity, 'SIGCONT');
    asked = true;
    await sleep(20);
  }
  await endTree(spec.token);
  const last = await readSupervision(controlDirectory);
  return last.status === 'ended' ? last.result : null;
}

async function hasBegun(controlDirectory: string, failed: () => boolean): Promise<boolean> {
  const startedAt = performance.now();
  for (;;) {
    const over = failed() || performance.now() - startedAt > BEGIN_MS;
    if ((await readSupervision(controlDirectory)).status !== 'unstarted') return true;
    if (over) return false;
    await sleep(5);
  }
}

async function readSpec(controlDirectory: string): Promise<SupervisorSpec> {
  const spec = await readFileOf(controlDirectory, SUPERVISOR_SPEC, supervisorSpecSchema);
  if (spec === null) throw new Error(`${path.join(controlDirectory, SUPERVISOR_SPEC)} is missing or damaged`);
  return spec;
}

/** The content of a file that is written in one go; null when it is not there or somebody else wrote into it. */
async function readFileOf<Schema extends z.ZodType>(
  controlDirectory: string,
  name: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(path.join(controlDirectory, name), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function signalProcess({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}
