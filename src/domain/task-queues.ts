/** Queue of the workflow and of the light activities (preview, publish, report). */
export const MAIN_TASK_QUEUE = 'coppice';

/** Queue of script runs; its workers take one task per slot. */
export const EXECUTE_TASK_QUEUE = 'coppice-exec';

/** Queue of one host's exec workers, for scripts that already run there. */
export function hostTaskQueue(hostId: string): string {
  return `${EXECUTE_TASK_QUEUE}-${hostId}`;
}

/** Queue of the steps that see the withheld labels, or run the task's own evaluator. */
export const GRADE_TASK_QUEUE = 'coppice-grade';

/** Queue of the calls to one model endpoint, polled only by workers that can reach it. */
export function modelTaskQueue(endpoint: string): string {
  return `coppice-model-${endpoint}`;
}
