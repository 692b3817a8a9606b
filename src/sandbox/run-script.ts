import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMemoryKills } from './memory-kills';
import type { OutputRecorder, RecordedOutput } from './output-recorder';
import { processIdentity, type ProcessIdentity } from './process-identity';
import { endTree } from './process-tree';

/** Longest delay that a timer takes, in milliseconds. */
const MAXIMUM_TIMER_MS = 2 ** 31 - 1;

/** How long output may still come once every process of the script is gone, in milliseconds. */
const DRAIN_MS = 2000;

/** One run of a script. */
export interface ScriptRun {
  readonly pythonPath: string;
  /** The attempt's directory: working directory of the script, which lies there as `solution.py`. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Value of COPPICE_ATTEMPT in the environment. */
  readonly token: string;
  readonly limitMs: number;
  readonly output: OutputRecorder;
  /** Ends the script when aborted. */
  readonly signal: AbortSignal;
  /** Told right after the start; the run ends when it throws. The identity is null when the script is over already. */
  readonly onStarted: (pid: number, identity: ProcessIdentity | null) => Promise<void>;
}

/** How a script's process ended. `end` says whether it ended by itself or was ended here. */
export interface ScriptEnd {
  readonly end: 'exit' | 'limit' | 'aborted';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
  /** Whether the kernel ended processes for lack of memory meanwhile. */
  readonly memoryKills: boolean;
  readonly output: RecordedOutput;
}

type ScriptProcess = ChildProcessByStdio<null, Readable, null>;

/**
 * Runs `python solution.py` in a session of its own and returns once it has ended and nothing that it started is
 * left, whatever way it ended. Standard output and error arrive in one stream, in order.
 *
 * @throws the system error when the process could not be started; what `onStarted` threw; the output file's error
 */
export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  const memoryKillsBefore = await readMemoryKills();
  const child = start(run);
  const startedAt = performance.now();
  const exited = waitForExit(child);
  child.stdout.on('data', (chunk: Buffer) => run.output.write(chunk));
  child.stdout.on('error', () => child.stdout.destroy());
  await once(child, 'spawn');

  const pid = child.pid ?? 0;
  const identity = await processIdentity(pid);
  const started = run.onStarted(pid, identity);
  const stopWaiting = new AbortController();
  let end: ScriptEnd['end'];
  try {
    end = await Promise.race([
      exited.then((): 'exit' => 'exit'),
      timePasses(run.limitMs - (performance.now() - startedAt), stopWaiting.signal).then((): 'limit' => 'limit'),
      aborted(run.signal, stopWaiting.signal).then((): 'aborted' => 'aborted'),
      started.then(forever),
    ]);
  } finally {
    stopWaiting.abort();
    await endTree({ leader: identity, token: run.token, ownChild: true });
    await drain(child.stdout);
  }

  await started;
  const exit = await exited;
  const memoryKillsAfter = await readMemoryKills();
  return {
    end,
    exitCode: exit.code,
    signal: exit.signal,
    seconds: (exit.at - startedAt) / 1000,
    memoryKills: memoryKillsBefore !== null && memoryKillsAfter !== null && memoryKillsAfter > memoryKillsBefore,
    output: await run.output.finish(),
  };
}

/** The shell joins both outputs into one stream and replaces itself by Python, so that its pid is the script's. */
function start(run: ScriptRun): ScriptProcess {
  return spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', run.pythonPath, 'solution.py'], {
    cwd: run.directory,
    env: { ...run.environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

function waitForExit(child: ScriptProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, at: performance.now() }));
  });
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

async function timePasses(milliseconds: number, stop: AbortSignal): Promise<void> {
  let left = milliseconds;
  while (left > 0) {
    const part = Math.min(left, MAXIMUM_TIMER_MS);
    await sleep(part, undefined, { signal: stop }).catch(forever);
    left -= part;
  }
}

async function aborted(signal: AbortSignal, stop: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await once(signal, 'abort', { signal: stop }).catch(forever);
}

/** A daemon that could not be found may hold the stream open for good, so its end is waited for only so long. */
async function drain(stream: Readable): Promise<void> {
  const closed = stream.closed ? Promise.resolve() : once(stream, 'close').then(() => undefined);
  const stop = new AbortController();
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { signal: stop.signal }).catch(() => undefined)]);
  stop.abort();
  stream.destroy();
}
