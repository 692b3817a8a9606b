import type { FailureReason } from '../domain/failure-reason';
import type { ScriptEnd } from './run-script';

/** Why a script failed, and one or two sentences for people and for the next prompt. */
export interface ScriptFailure {
  readonly reason: FailureReason;
  readonly message: string;
}

const CRASH_SIGNALS: readonly NodeJS.Signals[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE'];

const MAXIMUM_ERROR_CHARACTERS = 500;

/** What the way a script's process ended says; null when it ended well. */
export function classifyExit(end: ScriptEnd, limitMs: number): ScriptFailure | null {
  if (end.end === 'limit') return timeoutFailure(limitMs);
  if (end.signal !== null) return signalFailure(end.signal, end.memoryKills);
  if (end.exitCode === 0) return null;
  const error = lastError(end.output.tail);
  if (/^(?:[\w.]*\.)?_?\w*MemoryError\b/.test(error)) {
    return { reason: 'out_of_memory', message: `Python ran out of memory: ${error}` };
  }
  return { reason: 'exception', message: `${error} (exit status ${end.exitCode ?? 'unknown'})` };
}

/** The failure of a script that reached its limit, or that had no time left when its turn came. */
export function timeoutFailure(limitMs: number): ScriptFailure {
  const seconds = Math.round(limitMs / 100) / 10;
  const message =
    limitMs > 0 ? `the script was ended at its limit of ${seconds} s` : 'no time was left when the script could start';
  return { reason: 'timeout', message };
}

function signalFailure(signal: NodeJS.Signals, memoryKills: boolean): ScriptFailure {
  if (signal === 'SIGKILL' && memoryKills) {
    return { reason: 'out_of_memory', message: 'the kernel ended the script because the machine ran out of memory' };
  }
  const cause = CRASH_SIGNALS.includes(signal)
    ? 'a crash in native code'
    : 'sent by something other than this run; often too little memory';
  return { reason: 'killed', message: `the script was ended by ${signal} (${cause})` };
}

/** The error line of the last traceback in the output, else its last line. */
function lastError(tail: string): string {
  const traceback = tail.slice(Math.max(0, tail.lastIndexOf('Traceback (most recent call last)')));
  const lines = traceback.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const isTraceback = lines[0]?.startsWith('Traceback') === true;
  const errorLine = isTraceback ? lines.slice(1).find((line) => /^[A-Za-z_]/.test(line)) : undefined;
  const line = errorLine ?? lines.at(-1)?.trim() ?? 'the script ended without any output';
  return line.slice(0, MAXIMUM_ERROR_CHARACTERS);
}
