import { extensionSchema } from '../../domain/extension';
import type { Extension, ExtensionInput } from '../../domain/extension';
import { runIdSchema } from '../../domain/run-spec';
import { runKeys } from '../../store/run-keys';
import { extendUpdate } from '../../workflows/messages';
import { wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { extendOver } from '../extend-over';
import { requireRun } from '../require-run';
import type { Session } from '../session';
import { findSession, openSession } from '../session';
import { updateRun } from '../update-run';
import { workflowStatus } from '../workflow-status';

export interface ExtendFlags {
  readonly steps?: string;
  readonly time?: string;
  readonly tokens?: string;
  readonly cost?: string;
  readonly disk?: string;
  readonly address?: string;
}

/**
 * Gives a run more to do. A running one takes it at once; one that is over, or was interrupted, goes on from its files.
 *
 * @throws CommandFailure when it refuses, or would end at once again
 */
export async function extendRun(context: CommandContext, runId: string, flags: ExtendFlags): Promise<ExitCode> {
  const extension = readExtension(flags);
  const isStored = runIdSchema.safeParse(runId).success && (await context.store.exists(runKeys(runId).run));
  const session = isStored ? await openSession(context, flags.address) : await findSession(context, flags.address);
  if (session === null) {
    await requireRun(context, runId);
    return ExitCode.failed;
  }
  try {
    if ((await workflowStatus(session.client, runId)) === 'running') {
      await extendRunning(context, session, runId, extension.input);
    } else await extendOver(context, session, await requireRun(context, runId), extension.parsed);
  } finally {
    await session.close();
  }
  return ExitCode.done;
}

async function extendRunning(
  context: CommandContext,
  session: Session,
  runId: string,
  extension: ExtensionInput,
): Promise<void> {
  const progress = await updateRun(session, runId, (handle) =>
    handle.executeUpdate(extendUpdate, { args: [extension] }),
  );
  context.print(`extended ${runId}: ${progress.steps.done} of ${progress.steps.total} steps are done`);
}

interface AskedExtension {
  readonly input: ExtensionInput;
  readonly parsed: Extension;
}

/** The leading plus of `+20` and `+2h` may be left out. */
function readExtension({ steps, time, tokens, cost, disk }: ExtendFlags): AskedExtension {
  const extension = {
    ...(steps === undefined ? {} : { steps: Number(steps.replace(/^\+/, '')) }),
    ...(time === undefined ? {} : { time: time.replace(/^\+/, '') }),
    ...(tokens === undefined ? {} : { tokens: Number(tokens.replace(/^\+/, '')) }),
    ...(cost === undefined ? {} : { cost: Number(cost.replace(/^\+/, '')) }),
    ...(disk === undefined ? {} : { disk: disk.replace(/^\+/, '') }),
  };
  const parsed = extensionSchema.safeParse(extension);
  if (parsed.success) return { input: extension, parsed: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0
      ? 'give --steps +N, --time +DURATION, --tokens +N, --cost +USD or --disk +SIZE'
      : `--${path.join('.')}: ${message}`,
  );
  throw wrongInput(problems.join('; '));
}
