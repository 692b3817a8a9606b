import { onOneLine } from '../../domain/on-one-line';
import { stateFileSchema } from '../../domain/run-files';
import { formatMetric } from '../../domain/format';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { StoreError } from '../../store/store-error';
import { readRun } from '../../store/read-run';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { listJsonSchema } from '../json-output';
import type { LiveRuns } from '../live-run';
import { askLiveRuns } from '../live-run';
import { printJson } from '../print-json';
import { runStateOf } from '../run-state';
import { renderTable, widthsWithin } from '../table';
import { columnsOf } from '../terminal';
import type { z } from 'zod';

type ListedRun = z.infer<typeof listJsonSchema>['runs'][number];

export async function listRuns(context: CommandContext, options: { readonly json: boolean }): Promise<ExitCode> {
  const names = await context.store.list('');
  const live = await askLiveRuns(context);
  const runs: ListedRun[] = [];
  for (const name of names) {
    const run = await readListed(context, name, live);
    if (run !== null) runs.push(run);
  }
  runs.sort((left, right) => right.createdAt.localeCompare(left.createdAt));
  if (options.json) printJson(context, listJsonSchema, { runs });
  else if (runs.length === 0) context.print(`no runs in ${context.settings.store}`);
  else context.print(runsTable(context, runs));
  return ExitCode.done;
}

async function readListed(context: CommandContext, runId: string, live: LiveRuns): Promise<ListedRun | null> {
  try {
    const run = await readRun(context.store, runId);
    if (run === null) return null;
    const file = await readJson(context.store, runKeys(runId).state, stateFileSchema);
    return {
      runId,
      state: runStateOf(runId, file, live),
      task: { name: run.task.name, metric: run.task.metric, direction: run.task.direction },
      steps: {
        done: (file?.nodes.working ?? 0) + (file?.nodes.failed ?? 0),
        total: file?.stepsTotal ?? run.request.steps,
      },
      best: file?.best ?? null,
      createdAt: run.createdAt,
    };
  } catch (error) {
    // One run whose files are broken must not hide all others.
    if (!(error instanceof StoreError)) throw error;
    context.note(`coppice: ${onOneLine(error.message)}`);
    return null;
  }
}

function runsTable({ terminal }: CommandContext, runs: readonly ListedRun[]): string {
  const rows = runs.map(({ runId, state, steps, best, task, createdAt }) => [
    runId,
    state,
    `${steps.done}/${steps.total}`,
    best === null ? '–' : `${formatMetric(best.metric)} (node ${best.id})`,
    task.metric,
    createdAt.replace('T', ' ').replace(/\..*$/, ''),
  ]);
  const header = ['run', 'state', 'steps', 'best', 'metric', 'begun'];
  return renderTable(header, rows, widthsWithin(columnsOf(terminal), header, rows));
}
