import { EXECUTE_TASK_QUEUE } from '../../domain/task-queues';
import { counted } from '../../domain/format';
import { watchServer } from '../../server/watch-server';
import { resolveConnection } from '../../workers/connect';
import type { WorkerRole } from '../../workers/create-workers';
import type { CommandContext } from '../command-context';
import { withSlots } from '../command-context';
import { ExitCode } from '../exit-code';
import { watchInterruption } from '../interruption';
import { isolationLines } from '../isolation-words';
import { startWorkerProcess, workerLogFile } from '../worker-process';

interface WorkerFlags {
  readonly role: WorkerRole;
  readonly slots?: number;
  readonly address?: string;
}

/** Works until a signal comes, which is how a worker ends well. */
export async function runWorker(plainContext: CommandContext, flags: WorkerFlags): Promise<ExitCode> {
  const context = withSlots(plainContext, flags.slots);
  const { settings } = context;
  const resolved = await resolveConnection({ settings, ...(flags.address && { address: flags.address }) });
  const worker = await startWorkerProcess(settings, resolved, flags.role);
  const watching = new AbortController();
  const interruption = watchInterruption((signal) => {
    context.note(
      `coppice: ${signal}: leaving; running scripts go on, and the next worker of this host takes them over; ` +
        'once more to leave at once',
    );
    watching.abort();
    worker.shutdown();
  });
  const watch =
    resolved.server === null
      ? Promise.resolve()
      : watchServer({
          home: settings.home,
          server: resolved.server,
          onRestart: (server) => context.note(`coppice: the server at ${server.address} was gone and runs again`),
          onProblem: (message) => context.note(`coppice: ${message}`),
          signal: watching.signal,
        });
  context.print(`working on the runs at ${resolved.address}`);
  for (const queue of worker.taskQueues) {
    const scripts = queue === EXECUTE_TASK_QUEUE ? `, ${counted(settings.slots, 'script')} at once` : '';
    context.print(`  polls ${queue}${scripts}`);
  }
  if (worker.taskQueues.includes(EXECUTE_TASK_QUEUE)) {
    const lines = isolationLines(await worker.isolations(), 'auto', false);
    context.print(`  isolates scripts by ${lines.join('. ')}`);
  }
  for (const note of worker.notes) context.print(`  ${note}`);
  context.print(`  runs are kept in ${settings.store}, warnings in ${workerLogFile(settings.home)}`);
  try {
    await worker.ended;
  } finally {
    watching.abort();
    await watch;
    interruption.end();
  }
  return ExitCode.done;
}
