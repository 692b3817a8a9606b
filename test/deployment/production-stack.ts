import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { processIdentity } from '../../src/sandbox/process-identity';
import { listProcesses } from '../../src/sandbox/process-table';
import { killProcess } from '../helpers/coppice-process';
import { provideSetup } from '../helpers/coppice-command';
import { soon } from '../recovery/scene';
import { unprivilegedUser, type Binaries } from './binaries';
import { PROJECT, readCompose, type ComposeFile, type Service } from './compose-file';
import { dockerfileVariables } from './docker-file';
import { findPorts, outsideDocker, type Ports } from './outside-docker';

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly log: string;
}

/** A health check is a process of its own, so it is not asked all the time. */
const HEALTH_INTERVAL_MS = 500;

/** On a busy machine; on an idle one all are healthy within seconds. */
const HEALTH_PATIENCE_MS = 200_000;

/** What the images run when the Compose file names no command of its own; their settings are in its environment. */
const IMAGE_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'temporalio/server': ['temporal-server', 'start'],
  'temporalio/ui': ['ui-server', '--env', 'docker', 'start'],
};

const IMAGE_ENTRYPOINTS: Readonly<Record<string, readonly string[]>> = {
  coppice: ['node', '/app/bin/coppice.js'],
};

/**
 * The services of docker-compose.yml as processes of this machine: the same programs, commands, health checks and
 * variables, on other ports and places.
 */
export class ProductionStack {
  private readonly running = new Map<string, Running>();

  private constructor(
    readonly root: string,
    readonly ports: Ports,
    private readonly binaries: Binaries,
    private readonly compose: ComposeFile,
  ) {}

  /** @param variables as `.env` would give them */
  static async open(binaries: Binaries, variables: Readonly<Record<string, string>>): Promise<ProductionStack> {
    const root = mkdtempSync(path.join(tmpdir(), 'coppice-deployment-'));
    chmodSync(root, 0o755);
    const stack = new ProductionStack(root, await findPorts(), binaries, readCompose(variables));
    await provideSetup({ home: path.join(root, 'coppice', 'home') });
    mkdirSync(path.join(root, 'tasks'));
    return stack;
  }

  get address(): string {
    return `127.0.0.1:${this.ports.frontend}`;
  }

  service(name: string): Service {
    const service = this.compose.services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return service;
  }

  /** What the image of PostgreSQL does at its first start. */
  async initialiseDatabase(): Promise<void> {
    const {
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      POSTGRES_INITDB_ARGS: more,
    } = this.environment('postgresql');
    const owner = unprivilegedUser();
    const passwordFile = path.join(this.root, 'password');
    mkdirSync(this.databaseDirectory, { mode: 0o700 });
    writeFileSync(passwordFile, `${password ?? ''}\n`, { mode: 0o600 });
    if (owner !== null)
      for (const file of [this.databaseDirectory, passwordFile]) chownSync(file, owner.uid, owner.gid);
    const fixed = ['-D', this.databaseDirectory, '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`];
    const words = ['initdb', ...fixed, `--username=${user ?? ''}`, ...(more ?? '').split(' ')];
    const { exitCode, output } = await this.run('postgresql', words);
    if (exitCode !== 0) throw new Error(`initdb failed:\n${output}`);
  }

  /** Starts a service by its command. */
  start(name: string): void {
    const log = path.join(this.root, `${name}.log`);
    this.running.set(name, { child: this.spawn(name, this.command(name), log), log });
  }

  /** Starts it and waits until its health check is content. */
  async startHealthy(name: string): Promise<void> {
    this.start(name);
    await this.untilHealthy(name);
  }

  async untilHealthy(name: string): Promise<void> {
    const isHealthy = async (): Promise<boolean> => {
      const child = this.running.get(name)?.child;
      if (child?.exitCode != null) throw new Error(`${name} ended with ${child.exitCode}:\n${this.log(name)}`);
      return (await this.health(name)) === 0;
    };
    await soon(`${name} is healthy`, isHealthy, HEALTH_INTERVAL_MS, HEALTH_PATIENCE_MS);
  }

  /** The exit status of its health check. */
  async health(name: string): Promise<number | null> {
    const [kind, ...words] = this.service(name).healthcheck?.test ?? [];
    if (kind !== 'CMD') throw new Error(`${name} has no health check that is a command`);
    return (await this.run(name, words)).exitCode;
  }

  /** Runs a service, or its program with other arguments, to its end. */
  async runToEnd(name: string, parameters: readonly string[] = []): Promise<Ended> {
    return this.run(name, [...this.command(name), ...parameters]);
  }

  /** Runs another program of a service's image, with the service's variables. */
  async runProgram(name: string, words: readonly string[]): Promise<Ended> {
    return this.run(name, words);
  }

  /** A program or file of an image. */
  programFile(name: string): string {
    return path.join(name.startsWith('deploy/') ? PROJECT : this.binaries.temporalDirectory, name);
  }

  /** What a service has printed. */
  log(name: string): string {
    const log = this.running.get(name)?.log;
    return log === undefined ? '' : readFileSync(log, 'utf8');
  }

  /** Kills a service with all that it has started, as the end of its container does. */
  async kill(name: string): Promise<void> {
    const child = this.running.get(name)?.child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const below = await descendants(child.pid);
    child.kill('SIGKILL');
    for (const identity of below) await killProcess(identity);
    await ended;
  }

  async stop(name: string): Promise<number | null> {
    const child = this.running.get(name)?.child;
    if (child?.exitCode !== null) return child?.exitCode ?? null;
    child.kill('SIGTERM');
    await once(child, 'exit');
    return child.exitCode;
  }

  async close(): Promise<void> {
    for (const name of [...this.running.keys()].reverse()) await this.kill(name);
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The variables of a service as they are on this machine, those of its image included. */
  environment(name: string): Record<string, string> {
    const { environment, image } = this.service(name);
    const own = Object.entries(environment).flatMap(([variable, value]) => (value === null ? [] : [[variable, value]]));
    const all = image.startsWith('coppice:') ? [...Object.entries(dockerfileVariables()), ...own] : own;
    return Object.fromEntries(all.map(([variable = '', value = '']) => [variable, this.here(value)]));
  }

  private get databaseDirectory(): string {
    return path.join(this.root, 'postgresql');
  }

  private here(word: string): string {
    return outsideDocker(word, this.ports, this.root);
  }

  private command(name: string): string[] {
    const { entrypoint, command, image } = this.service(name);
    const [imageName = ''] = image.split(':');
    const words = [
      ...(entrypoint ?? IMAGE_ENTRYPOINTS[imageName] ?? []),
      ...(command ?? IMAGE_COMMANDS[imageName] ?? []),
    ];
    // The image of PostgreSQL says these by its own variables and directories.
    const settings = { port: this.ports.postgresql, unix_socket_directories: this.databaseDirectory };
    const places = Object.entries(settings).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]);
    return name === 'postgresql' ? [...words, '-D', this.databaseDirectory, ...places] : words;
  }

  private async run(name: string, words: readonly string[]): Promise<Ended> {
    const log = path.join(this.root, `${name}-${words[0] ?? ''}.log`.replaceAll('/', '-'));
    const child = this.spawn(name, words, log);
    await once(child, 'exit');
    return { exitCode: child.exitCode, output: readFileSync(log, 'utf8') };
  }

  private spawn(name: string, words: readonly string[], log: string): ChildProcess {
    const [program = '', ...parameters] = words.map((word) => this.here(word));
    const { temporalDirectory, postgresDirectory, cliDirectory } = this.binaries;
    const searchPath = [temporalDirectory, postgresDirectory, cliDirectory, path.dirname(process.execPath)];
    const owner = name === 'postgresql' ? unprivilegedUser() : null;
    const output = openSync(log, 'w');
    try {
      return spawn(program, parameters, {
        cwd: name === 'temporal-ui' ? temporalDirectory : this.root,
        env: {
          HOME: this.root,
          PATH: [...searchPath, process.env['PATH'] ?? ''].join(path.delimiter),
          ...(name === 'temporal' ? this.ports.inner : {}),
          // PostgreSQL's own programs ask where it listens; in its image that is where they look by themselves.
          ...(name === 'postgresql' ? { PGPORT: String(this.ports.postgresql), LANG: 'C.UTF-8' } : {}),
          ...(this.service(name).image.startsWith('coppice:') ? this.surroundings() : {}),
          ...this.environment(name),
        },
        stdio: ['ignore', output, output],
        ...(owner ?? {}),
      });
    } finally {
      closeSync(output);
    }
  }

  /** What keeps workers of this stack apart from others of this machine. */
  private surroundings(): Record<string, string> {
    return {
      COPPICE_LEASES: path.join(this.root, 'leases'),
      COPPICE_HOST_ID: path.basename(this.root),
    };
  }
}

async function descendants(pid: number) {
  const processes = await listProcesses();
  const below = (parent: number): number[] =>
    processes.filter((candidate) => candidate.parent === parent).flatMap((child) => [child.pid, ...below(child.pid)]);
  const identities = await Promise.all(below(pid).map((one) => processIdentity(one)));
  return identities.filter((identity) => identity !== null);
}
