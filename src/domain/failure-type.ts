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
  /** No room left for the run's files. */
  DiskFull: 'DiskFull',
  /** The run's files cannot be read or written. */
  StoreUnavailable: 'StoreUnavailable',
  /** The Python environment is missing or broken. */
  PythonUnavailable: 'PythonUnavailable',
  /** Raised by the SDK when a worker shuts down under an activity. */
  WorkerShutdown: 'WorkerShutdown',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];
