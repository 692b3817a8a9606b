import { spawn } from 'node:child_process';
import type { Notice } from '../domain/notice';
import type { Environment } from '../llm/endpoint';
import { NotifyFailure } from './notify-failure';

const LIMIT_MS = 10_000;

/** What a command may see of the worker's environment: where things are and how to get out, but no key. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
] as const;

export interface CommandSurroundings {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** In milliseconds; default: ten seconds. */
  readonly limitMs?: number;
}

/**
 * Runs a person's command with a notice as JSON on its standard input. After its time it is ended with all that it
 * started.
 *
 * @throws NotifyFailure when it cannot be started, fails, or takes longer
 */
export async function runNotifyCommand(
  [program = '', ...parameters]: readonly string[],
  notice: Notice,
  { environment, signal, limitMs = LIMIT_MS }: CommandSurroundings,
): Promise<void> {
  const child = spawn(program, parameters, {
    env: environmentOf(environment),
    // A group of its own, which ends as a whole.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const end = (): void => endGroup(child.pid);
  const timer = setTimeout(end, limitMs);
  signal.addEventListener('abort', end);
  // A command that does not read its input is fine.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(notice)}\n`);
  try {
    await ended(child);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(new NotifyFailure(`the command could not be started: ${error.code ?? 'unknown'}`, true)),
    );
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else if (signal !== null) reject(new NotifyFailure(`the command was ended by ${signal}`, false));
      else reject(new NotifyFailure(`the command ended with code ${code}`, false));
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function environmentOf(environment: Environment): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(passed);
}
