import { formatMetric } from '../../domain/format';
import { pruneRequestSchema } from '../../domain/steering';
import { pruneUpdate } from '../../workflows/messages';
import { checkedRequest } from '../checked-request';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { steerRunning } from '../steer-running';

export interface PruneFlags {
  readonly undo?: true;
  readonly address?: string;
}

/** Takes a node with all that descends from it out of selection and best, or back into them. */
export async function pruneNode(
  context: CommandContext,
  runId: string,
  node: number,
  { undo, address }: PruneFlags,
): Promise<ExitCode> {
  const request = checkedRequest(pruneRequestSchema, { node, ...(undo === undefined ? {} : { undo }) });
  const { best } = await steerRunning(context, runId, address, (handle) =>
    handle.executeUpdate(pruneUpdate, { args: [request] }),
  );
  const now =
    best === null ? 'no node is the best now' : `the best is node ${best.id} now, ${formatMetric(best.metric)}`;
  const done =
    undo === undefined
      ? `pruned node ${node} of ${runId} with all below`
      : `node ${node} of ${runId} takes part again with all below`;
  const back = undo === undefined ? `; \`coppice prune ${runId} ${node} --undo\` takes it back` : '';
  context.print(`${done}: ${now}${back}`);
  return ExitCode.done;
}
