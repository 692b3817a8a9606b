import type { RunFile } from '../domain/run-files';

/** What the scripts of a run need of a host besides their input; their interpreter comes from `pythonFor`. */
export interface ScriptNeeds {
  /** Absolute paths of directories that scripts may read, each at its own path. */
  readonly mounts: readonly string[];
  /** Whether scripts may reach the network. */
  readonly network: boolean;
  /** GPUs that one script needs. */
  readonly gpus: number;
}

/** The request's word on the network wins over the task's. */
export function scriptNeeds({ request, task }: Pick<RunFile, 'request' | 'task'>): ScriptNeeds {
  const { mounts, network, gpus } = task;
  return { mounts, network: (request.network ?? network) === 'on', gpus };
}
