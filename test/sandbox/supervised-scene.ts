import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ATTEMPT_VARIABLE } from '../../src/sandbox/process-tree';
import { startSupervisor, stopScript, watchScript, writeSupervisorSpec } from '../../src/sandbox/supervised-script';
import { SUPERVISOR_OUTPUT, type SupervisorResult, type SupervisorSpec } from '../../src/sandbox/supervisor-files';
import { waitUntil } from '../helpers/wait-until';
import { realPython } from './real-python';

/** Python that makes the supervisor's modules known. */
export const IMPORT_SUPERVISION = [
  'import sys',
  `sys.path.append(${JSON.stringify(path.join(__dirname, '../../python'))})`,
  'import supervision.main',
].join('\n');

/** One script with its directories, under a real supervisor. */
export interface SupervisedScript {
  readonly directory: string;
  readonly control: string;
  readonly token: string;
}

/** A place for scripts that ends whatever a test leaves running. */
export class SupervisedScene {
  readonly pythonPath = realPython();
  private readonly scripts: SupervisedScript[] = [];

  private constructor(readonly root: string) {}

  static async open(): Promise<SupervisedScene> {
    return new SupervisedScene(await mkdtemp(path.join(tmpdir(), 'coppice-supervised-')));
  }

  async close(): Promise<void> {
    await Promise.all(this.scripts.map(({ control }) => stopScript(control).catch(() => null)));
    await rm(this.root, { recursive: true, force: true });
  }

  /** A script that is ready to start; no limit but of time unless `spec` says otherwise. */
  async make(source: string, spec: Partial<SupervisorSpec> = {}): Promise<SupervisedScript> {
    const directory = path.join(this.root, `script-${randomUUID().slice(0, 8)}`);
    const script = { directory, control: `${directory}.ctl`, token: randomUUID() };
    await mkdir(directory);
    await writeFile(path.join(directory, 'solution.py'), source);
    await writeSupervisorSpec(script.control, {
      token: script.token,
      command: [this.pythonPath, 'solution.py'],
      directory,
      environment: { PATH: '/usr/bin:/bin' },
      limitSeconds: 60,
      endBefore: null,
      graceSeconds: 5,
      memoryBytes: null,
      processes: null,
      diskBytes: null,
      fileBytes: null,
      leases: { directory: path.join(this.root, 'leases'), slots: 4 },
      gpus: { count: 0, candidates: [] },
      ...spec,
    });
    this.scripts.push(script);
    return script;
  }

  async start(source: string, spec: Partial<SupervisorSpec> = {}): Promise<SupervisedScript> {
    const script = await this.make(source, spec);
    await startSupervisor(this.pythonPath, script.control);
    return script;
  }

  /** Runs a script to its end. */
  async run(source: string, spec: Partial<SupervisorSpec> = {}): Promise<SupervisorResult> {
    return this.resultOf(await this.start(source, spec));
  }

  /** Runs a script under a supervisor whose modules `change`, some Python, has altered. */
  async runChanged(change: string, source: string, spec: Partial<SupervisorSpec> = {}): Promise<SupervisorResult> {
    const script = await this.make(source, spec);
    const driver = [IMPORT_SUPERVISION, change, 'supervision.main.main()'].join('\n');
    const child = spawn(this.pythonPath, ['-c', driver, script.control], {
      detached: true,
      env: { PATH: process.env['PATH'], [ATTEMPT_VARIABLE]: script.token },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await once(child, 'exit');
    return this.resultOf(script);
  }

  async resultOf({ control }: SupervisedScript): Promise<SupervisorResult> {
    const outcome = await watchScript(control, AbortSignal.timeout(100_000));
    if (outcome.status !== 'ended') throw new Error(`the script has no result, it is ${outcome.status}`);
    return outcome.result;
  }

  async outputOf({ control }: SupervisedScript): Promise<string> {
    return readFile(path.join(control, SUPERVISOR_OUTPUT), 'utf8').catch(() => '');
  }

  async waitForOutput(script: SupervisedScript, content: string): Promise<void> {
    await waitUntil(`"${content}" in the output`, async () => (await this.outputOf(script)).includes(content));
  }
}
