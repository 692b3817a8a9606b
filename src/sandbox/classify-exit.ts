import type { FailureReason } from '../domain/failure-reason';
import type { SupervisorResult } from './supervisor-files';

/** Why a script failed, and one or two sentences for people and for the next prompt. */
export interface ScriptFailure {
  readonly reason: FailureReason;
  readonly message: string;
}

const CRASH_SIGNALS: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE'];

const MAXIMUM_ERROR_CHARACTERS = 500;

/**
 * What the way a script ended says; null when it ended well. A script that could not even start is no failure of the
 * script: that is for the caller to tell.
 */
export function classifyEnd(result: SupervisorResult): ScriptFailure | null {
  switch (result.end) {
    case 'exit':
      return classifyExit(result);
    case 'limit':
      return { reason: 'timeout', message: `the script was ended at its limit of ${inSeconds(result.limitSeconds)}` };
    case 'no_time':
      return { reason: 'timeout', message: 'no time was left when the script could start' };
    case 'memory':
      return { reason: 'out_of_memory', message: result.message };
    case 'processes':
      return { reason: 'process_limit', message: result.message };
    case 'disk':
      return { reason: 'disk_limit', message: result.message };
    case 'stopped':
    case 'not_started':
      return { reason: 'killed', message: 'the script was ended by something other than this run' };
  }
}

/** Whether the output speaks of a full disk. */
export function saysDiskFull({ tail }: Pick<SupervisorResult, 'tail'>): boolean {
  return /No space left on device|Disk quota exceeded/.test(tail);
}

function classifyExit(result: SupervisorResult): ScriptFailure | null {
  if (result.signal !== null) return signalFailure(result.signal, result.memoryKills);
  if (result.exitCode === 0) return null;
  const error = lastError(result.tail);
  if (/^(?:[\w.]*\.)?_?\w*MemoryError\b/.test(error)) {
    return { reason: 'out_of_memory', message: `Python ran out of memory: ${error}` };
  }
  const message = `${error} (exit status ${result.exitCode ?? 'unknown'})`;
  const isDisk = saysDiskFull({ tail: error }) || /\bFile too large\b/.test(error);
  return { reason: isDisk ? 'disk_limit' : 'exception', message };
}

function signalFailure(signal: string, memoryKills: boolean): ScriptFailure {
  if (signal === 'SIGKILL' && memoryKills) {
    return { reason: 'out_of_memory', message: 'the kernel ended the script because the machine ran out of memory' };
  }
  if (signal === 'SIGXFSZ') {
    return { reason: 'disk_limit', message: 'the script was ended because it wrote a larger file than it may' };
  }
  const cause = CRASH_SIGNALS.includes(signal)
    ? 'a crash in native code'
    : 'sent by something other than this run; often too little memory';
  return { reason: 'killed', message: `the script was ended by ${signal} (${cause})` };
}

function inSeconds(seconds: number): string {
  return `${Math.round(seconds * 10) / 10} s`;
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
