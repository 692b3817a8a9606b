import { mkdir } from 'node:fs/promises';
import type { RunFile } from '../domain/run-files';
import { contentHash } from '../store/content-hash';
import { writeAttemptFile, type AttemptFile } from './attempt-file';
import { controlDirectory } from './attempts';
import { listGpus } from './gpus';
import type { InputSource } from './input-source';
import type { Isolation, WantedIsolation } from './isolation/isolation';
import { isolationUnavailable } from './isolation/unavailable';
import { prepareAttempt } from './prepare-attempt';
import { KILL_GRACE_MS } from './process-tree';
import { provideInput } from './provide-input';
import { pythonFor } from './python-for';
import { scriptNeeds } from './script-needs';
import { scriptResources, threadsPerSlot } from './script-resources';
import type { SupervisorSpec } from './supervisor-files';
import { writeSupervisorSpec } from './supervisor-spec';
import type { EnvironmentHost } from './task-environment';

/** A machine that runs what models and tasks have written. */
export interface ScriptMachine extends EnvironmentHost {
  /** Scripts that run at once. */
  readonly slots: number;
  /** Directory of the lock files by which they share slots and GPUs. */
  readonly leases: string;
  /** @throws ApplicationFailure `IsolationUnavailable` when this host does not have what is wanted */
  readonly isolationFor: (wanted: WantedIsolation) => Promise<Isolation>;
}

/** What is to be run, and where. */
export interface ScriptPlan {
  readonly run: RunFile;
  /** Fresh and empty. */
  readonly directory: string;
  /** Value of COPPICE_ATTEMPT. */
  readonly token: string;
  readonly solution: Uint8Array;
  readonly source: InputSource;
  /** The command, given the interpreter of the run's scripts. */
  readonly program: (pythonPath: string) => readonly string[];
  /** Names in the directory that what is run must not change, as far as the isolation can. */
  readonly readOnly: readonly string[];
  /** Asked once all else is ready, since preparing data takes time. */
  readonly time: () => Pick<SupervisorSpec, 'limitSeconds' | 'endBefore'>;
  /** Value of COPPICE_SEED; null leaves it out. */
  readonly seed: number | null;
}

/**
 * Fills a directory with a script and all that it needs, and writes what a supervisor is to start there.
 *
 * @throws ApplicationFailure `IsolationUnavailable`, `EnvironmentFailed` or `DiskFull`; StoreError or the system error
 *   when the data cannot be read or copied; the reason of `signal`
 */
export async function placeScript(machine: ScriptMachine, plan: ScriptPlan, signal: AbortSignal): Promise<AttemptFile> {
  const { run, directory, token, solution } = plan;
  const isolation = await machine.isolationFor(run.request.isolation);
  const pythonPath = await pythonFor(machine, run, signal);
  const input = await provideInput(machine, run.runId, plan.source, isolation, signal);
  await mkdir(controlDirectory(directory));
  const directories = await prepareAttempt({ directory, token, solution, input, isolation });
  const resources = await scriptResources(run.request.limits, { slots: machine.slots, directory });
  const needs = scriptNeeds(run);
  const isolated = await isolation.command({
    directory,
    ...directories,
    pythonPath,
    program: plan.program(pythonPath),
    readOnly: plan.readOnly,
    input,
    ...needs,
    resources,
    token,
    threads: threadsPerSlot(machine.slots),
    seed: plan.seed,
  });
  await writeSupervisorSpec(controlDirectory(directory), {
    token,
    command: [...isolated.command],
    directory,
    environment: { ...isolated.environment },
    ...plan.time(),
    graceSeconds: KILL_GRACE_MS / 1000,
    ...resources,
    leases: { directory: machine.leases, slots: machine.slots },
    gpus: { count: needs.gpus, candidates: await gpuCandidates(machine, isolation, needs.gpus) },
  });
  const file: AttemptFile = {
    codeHash: contentHash(solution),
    token,
    inputDirectory: input.directory,
    isolation: isolation.name,
    startedAt: new Date().toISOString(),
  };
  await writeAttemptFile(directory, file);
  return file;
}

/** A script that needs more GPUs than there are would wait for them until its run's end. */
async function gpuCandidates(
  machine: ScriptMachine,
  isolation: Isolation,
  needed: number,
): Promise<SupervisorSpec['gpus']['candidates']> {
  if (needed === 0) return [];
  const gpus = await listGpus(machine.environment);
  if (gpus.length < needed) {
    const message = `the task needs ${needed} GPUs for each script, and nvidia-smi names ${gpus.length} on this host`;
    throw isolationUnavailable(`${message}; start exec workers only where there are enough`);
  }
  return gpus.map((gpu) => ({ index: gpu.index, uuid: gpu.uuid, arguments: [...isolation.gpuArguments(gpu)] }));
}
