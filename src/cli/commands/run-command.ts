import type { CommandContext } from '../command-context';
import { besideJson, withSlots } from '../command-context';
import { wrongInput } from '../command-failure';
import type { ExitCode } from '../exit-code';
import { readRequest } from '../request';
import type { RequestFlags } from '../request-flags';
import { detach } from './detach';
import { dryRun } from './dry-run';
import { searchInForeground } from './run';
import { showStatus } from './status';

export interface RunFlags extends RequestFlags {
  readonly detach?: true;
  readonly stay?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `coppice run` in each of its ways: in the foreground, in the background, or only shown. */
export async function runCommand(
  plainContext: CommandContext,
  task: string | undefined,
  flags: RunFlags,
): Promise<ExitCode> {
  const context = withSlots(plainContext, flags.slots);
  const request = await readRequest(context, task, flags);
  if (flags.dryRun) return dryRun(context, request, { json: flags.json ?? false });
  if (flags.detach) {
    if (flags.json)
      throw wrongInput('--json tells the result of a run, which --detach does not wait for: leave out one');
    return detach(context, request, process.argv.slice(2));
  }
  const { address, stay = false } = flags;
  if (!flags.json) return (await searchInForeground(context, request, { address, stay })).exitCode;
  // Standard output is for the JSON alone.
  const end = await searchInForeground(besideJson(context), request, { address, stay });
  if (end.runId !== null) await showStatus(context, end.runId, { json: true });
  return end.exitCode;
}
