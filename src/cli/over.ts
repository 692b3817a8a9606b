import type { CommandContext } from './command-context';
import type { ExitCode } from './exit-code';
import { requireRun } from './require-run';
import { resultExitCode, resultLines } from './result-lines';

/** Prints the result of a run that was over before anybody asked, and what to do to search on. */
export async function printOver(context: CommandContext, runId: string): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  context.note(
    `run ${runId} is over: it can be extended (\`coppice extend ${runId} --steps +N\`); ` +
      'to search anew, name another --run-id',
  );
  for (const line of resultLines(context.settings, view)) context.print(line);
  return resultExitCode(view);
}
