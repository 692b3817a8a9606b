import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../domain/error-message';
import { ensureServer } from './embedded-server';
import { readServer } from './server-description';
import type { ServerDescription } from './server-description';

const ROUND_MS = 2000;

export interface ServerWatch {
  readonly home: string;
  /** The server that the workers of this process are connected to. */
  readonly server: ServerDescription;
  /** Called after the server was started again, at the same address. */
  readonly onRestart: (server: ServerDescription) => void;
  /** Called when it cannot be started again, or has come back elsewhere; once for each new message. */
  readonly onProblem: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Keeps the embedded server (and its keeper) there as long as a worker runs: looks every two seconds and starts it
 * again at the same address, where the workers reconnect by themselves. Returns when `signal` is aborted.
 */
export async function watchServer(watch: ServerWatch): Promise<void> {
  let pid = watch.server.pid;
  let lastProblem = '';
  while (!watch.signal.aborted) {
    try {
      const current = await ensureServer({ home: watch.home, port: watch.server.port, startedBy: 'demand' });
      lastProblem = '';
      if (current.pid !== pid) watch.onRestart(current);
      pid = current.pid;
    } catch (error) {
      const problem = await describeProblem(watch, error);
      if (problem !== lastProblem) watch.onProblem(problem);
      lastProblem = problem;
    }
    await sleep(ROUND_MS, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

async function describeProblem(watch: ServerWatch, error: unknown): Promise<string> {
  const elsewhere = await readServer(watch.home).catch(() => null);
  if (elsewhere !== null && elsewhere.address !== watch.server.address) {
    return (
      `The Temporal server came back at ${elsewhere.address}, but the workers here are connected to ` +
      `${watch.server.address}. End this process and start it again.`
    );
  }
  const cause = errorMessage(error);
  return `The Temporal server that was at ${watch.server.address} is gone and cannot be started again yet: ${cause}`;
}
