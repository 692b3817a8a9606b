import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, processIdentity } from '../../src/sandbox/process-identity';
import type { ProcessIdentity } from '../../src/sandbox/process-identity';
import { ensureServer, stopServer } from '../../src/server/embedded-server';
import { hasCode } from '../../src/server/error-code';
import type { ServerWish } from '../../src/server/embedded-server';
import { readDescription } from '../../src/server/server-description';
import type { ServerDescription } from '../../src/server/server-description';
import { temporalCliPath } from '../helpers/temporal-cli';

/** Fresh homes for embedded servers, and an end for every process that was started in them. */
export class ServerHomes {
  readonly #homes: string[] = [];
  readonly #processes: ProcessIdentity[] = [];

  /** Environment for `ensureServer`: that of the test, with a CLI and with what is given. */
  environment(more: Record<string, string> = {}): Record<string, string | undefined> {
    return { ...process.env, COPPICE_TEMPORAL_CLI: temporalCliPath(), ...more };
  }

  async create(): Promise<string> {
    const home = await realpath(await mkdtemp(path.join(os.tmpdir(), 'coppice-server-')));
    this.#homes.push(home);
    return home;
  }

  async ensure(
    home: string,
    wish: Omit<ServerWish, 'home' | 'startedBy'> & Partial<Pick<ServerWish, 'startedBy'>> = {},
  ): Promise<ServerDescription> {
    const server = await ensureServer({ startedBy: 'demand', environment: this.environment(), ...wish, home });
    this.remember(server);
    return server;
  }

  remember(server: ServerDescription): void {
    this.#processes.push(server, ...(server.keeper === null ? [] : [server.keeper]));
  }

  /** A process that has nothing to do with any server. */
  async bystander(): Promise<ProcessIdentity> {
    return this.rememberChild(spawn('sleep', ['600'], { stdio: 'ignore' }));
  }

  async rememberChild(child: ChildProcess): Promise<ProcessIdentity> {
    const identity = await processIdentity(child.pid!);
    if (identity === null) throw new Error('the process ended at once');
    this.#processes.push(identity);
    return identity;
  }

  async endAll(): Promise<void> {
    for (const home of this.#homes) {
      const server = await readDescription(home).catch(() => null);
      if (server !== null) this.remember(server);
    }
    for (const one of this.#processes) {
      if (await isSameProcess(one)) process.kill(one.pid, 'SIGCONT');
    }
    await Promise.all(this.#homes.map((home) => stopServer(home).catch(() => null)));
    for (const one of this.#processes) {
      if (await isSameProcess(one)) process.kill(one.pid, 'SIGKILL');
    }
    await Promise.all(this.#homes.map((home) => rm(home, { recursive: true, force: true, maxRetries: 5 })));
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** A program that holds `port` on `host`, until the returned function is called. */
export async function occupy(port: number, host = '127.0.0.1'): Promise<() => Promise<void>> {
  // The port of a server that has just been killed stays taken for a moment.
  for (let tries = 50; ; tries -= 1) {
    try {
      return await listen(port, host);
    } catch (error) {
      if (tries === 0 || !hasCode(error, 'EADDRINUSE')) throw error;
      await sleep(100);
    }
  }
}

function listen(port: number, host: string): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const program = createServer();
    program.once('error', reject);
    program.listen({ host, port }, () => resolve(() => new Promise((done) => program.close(() => done()))));
  });
}
