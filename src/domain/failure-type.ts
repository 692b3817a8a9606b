/**
 * Types of the failures that cross the boundary between activities and the workflow. Both sides compare these
 * strings, since error classes do not survive the way through Temporal.
 */
export const FailureType = {
  /** The spec given to the workflow is wrong; every problem is listed with its JSON path. */
  InvalidRunSpec: 'InvalidRunSpec',
  /** The task (directory, data, metric) cannot be used as it is. */
  InvalidTask: 'InvalidTask',
  /** The run's directory holds a run of another request. */
  RunIdInUse: 'RunIdInUse',
  /** The provider refused the key. */
  ModelKeyRejected: 'ModelKeyRejected',
  /** The provider says the account's quota is used up. */
  ModelQuotaExhausted: 'ModelQuotaExhausted',
  /** The provider refuses the request itself (unknown model, malformed request). */
  ModelRequestRejected: 'ModelRequestRejected',
  /** The provider could not be reached, or kept failing. */
  ModelUnreachable: 'ModelUnreachable',
  /** Prompt and answer do not fit the model's context. */
  ContextTooLong: 'ContextTooLong',
  /** The answer cannot be used: the same step asks once more as a new attempt, so that a rate limit counts it. */
  AskAgain: 'AskAgain',
  /** No room left for the run's files, or less than has to stay free. */
  DiskFull: 'DiskFull',
  /** The run fills more of the disk than it may. */
  DiskLimit: 'DiskLimit',
  /** The run's files cannot be read or written. */
  StoreUnavailable: 'StoreUnavailable',
  /** The Python environment is missing or broken. */
  PythonUnavailable: 'PythonUnavailable',
  /** The worker left a running script to its supervisor: its first detail is a `ScriptPlace`. */
  ScriptDetached: 'ScriptDetached',
  /** The script's supervisor was killed, and the script with it. */
  SupervisorLost: 'SupervisorLost',
  /** The isolation that the run asks for does not work on this host. */
  IsolationUnavailable: 'IsolationUnavailable',
  /** The task's own requirements could not be installed, or its interpreter does not work. */
  EnvironmentFailed: 'EnvironmentFailed',
  /** The data is not what it was when the run began. */
  DataChanged: 'DataChanged',
  /** The grade worker cannot grade: the split is gone and cannot be made again, or the scorer itself fails. */
  GradingFailed: 'GradingFailed',
  /** Raised by the SDK when a worker shuts down under an activity. */
  WorkerShutdown: 'WorkerShutdown',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];
