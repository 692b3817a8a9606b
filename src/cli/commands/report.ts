import path from 'node:path';
import { readCallLedger } from '../../llm/read-call-ledger';
import { writeReports } from '../../report/write-reports';
import { runKeys } from '../../store/run-keys';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { reportJsonSchema } from '../json-output';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';

/** Makes the report anew from the run's files, also of a run that is not over. */
export async function showReport(
  context: CommandContext,
  runId: string,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  const keys = runKeys(runId);
  await writeReports(context.store, view, await readCallLedger(context.store, runId));
  const report = (await context.store.read(keys.report))?.toString('utf8') ?? '';
  const locate = (key: string): string => path.join(context.settings.store, ...key.split('/'));
  const files = { report: locate(keys.report), tree: locate(keys.tree) };
  if (options.json) {
    printJson(context, reportJsonSchema, { runId, report, files });
  } else {
    context.print(report.trimEnd());
    context.note(`\nreport  ${files.report}\ntree    ${files.tree}`);
  }
  return ExitCode.done;
}
