import { z } from 'zod';

/*
 * The files by which a script's supervisor (`python/supervisor.py`) and its watchers talk. They lie in the attempt's
 * control directory, beside the directory of the script, which never sees them. Times are seconds.
 */

export const SUPERVISOR_SPEC = 'spec.json';
export const SUPERVISOR_IDENTITY = 'supervisor.json';
export const SUPERVISOR_STARTED = 'started.json';
export const SUPERVISOR_RESULT = 'result.json';
export const SUPERVISOR_OUTPUT = 'output.log';
export const SUPERVISOR_LOG = 'supervisor.log';
export const SUPERVISOR_WAITING = 'waiting.json';

/** A GPU that may be leased: what the script's environment and the isolation need when it is. */
const gpuSchema = z.object({
  index: z.int().min(0),
  uuid: z.string(),
  /** Put into the command in place of the element `{gpu-devices}`. */
  arguments: z.array(z.string()),
});

/** `spec.json`: written once before the supervisor starts. */
export const supervisorSpecSchema = z.object({
  /** Value of COPPICE_ATTEMPT in the environment of supervisor and script. */
  token: z.string(),
  /** What is executed, isolation included. The element `{gpu-devices}` stands for the leased GPUs' arguments. */
  command: z.array(z.string()).min(1),
  /** Working directory of the command; its disk use is what `diskBytes` limits. */
  directory: z.string(),
  environment: z.record(z.string(), z.string()),
  limitSeconds: z.number().positive(),
  /** Seconds since the epoch after which nothing may run, whatever the limit; null for never. */
  endBefore: z.number().nullable(),
  graceSeconds: z.number().positive(),
  memoryBytes: z.number().positive().nullable(),
  processes: z.int().positive().nullable(),
  diskBytes: z.number().positive().nullable(),
  /** Largest single file. */
  fileBytes: z.number().positive().nullable(),
  /** Directory of the host's lock files, and how many scripts run at once. */
  leases: z.object({ directory: z.string(), slots: z.int().min(1) }),
  gpus: z.object({ count: z.int().min(0), candidates: z.array(gpuSchema) }),
});
export type SupervisorSpec = z.infer<typeof supervisorSpecSchema>;

/** `supervisor.json`: names the supervisor's process for good; written before the script starts. */
export const supervisorIdentitySchema = z.object({ pid: z.int().min(1), startTime: z.string(), bootId: z.string() });

/** `waiting.json`: what the script waits for, such as `one of the 2 slots of this machine`; gone once it starts. */
export const supervisorWaitingSchema = z.object({ for: z.string() });

/** `started.json`: the script has its slot and runs. */
export const supervisorStartedSchema = z.object({
  startedAt: z.string(),
  /** Limit that really holds: the shorter one of the limit and of what was left until `endBefore`. */
  limitSeconds: z.number(),
  slot: z.int().min(0),
  gpus: z.array(z.int().min(0)),
  /** How memory is held: by a control group of its own, or by looking at the processes. */
  memoryBy: z.enum(['cgroup', 'polling', 'none']),
});
export type SupervisorStarted = z.infer<typeof supervisorStartedSchema>;

/** `result.json`: written once, atomically, when nothing of the script is left. */
export const supervisorResultSchema = z.object({
  /**
   * `exit`: by itself; `limit`, `memory`, `processes`, `disk`: ended at that limit; `stopped`: ended by a watcher;
   * `no_time`: no time was left when its slot came; `not_started`: the command could not be executed.
   */
  end: z.enum(['exit', 'limit', 'memory', 'processes', 'disk', 'stopped', 'no_time', 'not_started']),
  exitCode: z.int().nullable(),
  /** Name of the signal that ended it, such as `SIGKILL`. */
  signal: z.string().nullable(),
  /** One sentence with numbers when a limit ended it, or why it could not start; else empty. */
  message: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  seconds: z.number().min(0),
  limitSeconds: z.number(),
  /** Everything the script wrote, kept or not. */
  outputBytes: z.number().min(0),
  /** The last lines that report a score, oldest first, at most 100. */
  resultLines: z.array(z.string()),
  /** The end of the output, at most 16 KiB. */
  tail: z.string(),
  peakMemoryBytes: z.number().min(0).nullable(),
  /** Whether the kernel ended processes for lack of memory meanwhile. */
  memoryKills: z.boolean(),
});
export type SupervisorResult = z.infer<typeof supervisorResultSchema>;
