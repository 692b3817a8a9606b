import type { CommandContext } from '../command-context';
import { withSlots } from '../command-context';
import { wrongInput } from '../command-failure';
import type { ExitCode } from '../exit-code';
import { requireNode, requireRun } from '../require-run';
import type { ForkFlags } from '../source-request';
import { forkRequest } from '../source-request';
import { searchInForeground } from './run';

/**
 * Begins a run that takes over another one as it stood when a node of it was recorded, and searches on in the
 * foreground.
 */
export async function forkRun(
  plainContext: CommandContext,
  runId: string,
  nodeText: string,
  flags: ForkFlags,
): Promise<ExitCode> {
  const context = withSlots(plainContext, flags.slots);
  const source = await requireRun(context, runId);
  const node = requireNode(source, nodeText);
  if (node.status === 'in_flight') {
    throw wrongInput(`node ${node.id} of run "${runId}" is not recorded yet: fork at another one, or wait for it`);
  }
  const request = await forkRequest(context, source, node.id, flags);
  return (await searchInForeground(context, request, flags)).exitCode;
}
