/** Queue of the workflow and of the light activities (preview, publish, report). */
export const MAIN_TASK_QUEUE = 'coppice';

/** Queue of script runs; its workers take one task per slot. */
export const EXECUTE_TASK_QUEUE = 'coppice-exec';

/** Queue of the calls to one model endpoint, polled only by workers that can reach it. */
export function modelTaskQueue(endpoint: string): string {
  return `coppice-model-${endpoint}`;
}
