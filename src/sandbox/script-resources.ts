import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { RunSpec } from '../domain/run-spec';

/** The part of a machine's memory, and of a disk's free space, that scripts may have. */
const SHARE = 0.9;

const DEFAULT_DISK_BYTES = 20e9;

const DEFAULT_PROCESSES = 1024;

/** What one script may use at most, with everything that it starts. Sizes are bytes. */
export interface ScriptResources {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Largest single file. */
  readonly fileBytes: number;
  /** Processes and threads at a time. */
  readonly processes: number;
}

/** The machine that scripts run on. */
export interface ScriptHost {
  /** Scripts that run at once. */
  readonly slots: number;
  /** Where their directories lie. */
  readonly directory: string;
}

/**
 * The limits of a script that starts now: those asked for, else an equal share of this machine's memory, and what its
 * disk has room for.
 *
 * @throws the system error when the disk cannot be asked
 */
export async function scriptResources(limits: RunSpec['limits'], host: ScriptHost): Promise<ScriptResources> {
  const diskBytes = limits.disk ?? (await defaultDisk(host.directory));
  return {
    memoryBytes: memoryOf(limits, host.slots),
    diskBytes,
    fileBytes: diskBytes,
    processes: limits.processes ?? DEFAULT_PROCESSES,
  };
}

/** Cores and memory (bytes) that a script of this machine has, for those who write it. */
export function scriptMachine(
  limits: RunSpec['limits'],
  slots: number,
): { readonly cores: number; readonly memoryBytes: number } {
  return { cores: threadsPerSlot(slots), memoryBytes: memoryOf(limits, slots) };
}

/** Threads of a script's numeric libraries, so that the slots together use the cores once. */
export function threadsPerSlot(slots: number): number {
  return Math.max(1, Math.floor(availableParallelism() / slots));
}

/** Memory that this process may use in all: the control group's (a container's) where that is less than the machine's. */
function machineMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function memoryOf(limits: RunSpec['limits'], slots: number): number {
  return limits.memory ?? Math.floor((machineMemory() * SHARE) / slots);
}

async function defaultDisk(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return Math.max(1, Math.min(DEFAULT_DISK_BYTES, Math.floor(bavail * bsize * SHARE)));
}
