import { extensionSchema } from '../../domain/extension';
import type { ExtensionInput } from '../../domain/extension';
import { extendUpdate } from '../../workflows/messages';
import { failed, wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { requireRun } from '../require-run';
import { findSession } from '../session';
import { updateRun } from '../update-run';
import { requireRunning } from './steer';

export interface ExtendFlags {
  readonly steps?: string;
  readonly time?: string;
  readonly tokens?: string;
  readonly cost?: string;
  readonly address?: string;
}

export async function extendRun(context: CommandContext, runId: string, flags: ExtendFlags): Promise<ExitCode> {
  const extension = readExtension(flags);
  const session = await findSession(context, flags.address);
  if (session === null) {
    await requireRun(context, runId);
    throw failed(`no server runs, so nothing of run "${runId}" does; to extend it, start \`coppice worker\` first`);
  }
  try {
    await requireRunning(context, session, runId);
    const progress = await updateRun(session, runId, (handle) =>
      handle.executeUpdate(extendUpdate, { args: [extension] }),
    );
    context.print(`extended ${runId}: ${progress.steps.done} of ${progress.steps.total} steps are done`);
  } finally {
    await session.close();
  }
  return ExitCode.done;
}

/** The leading plus of `+20` and `+2h` may be left out. */
function readExtension({ steps, time, tokens, cost }: ExtendFlags): ExtensionInput {
  const extension = {
    ...(steps === undefined ? {} : { steps: Number(steps.replace(/^\+/, '')) }),
    ...(time === undefined ? {} : { time: time.replace(/^\+/, '') }),
    ...(tokens === undefined ? {} : { tokens: Number(tokens.replace(/^\+/, '')) }),
    ...(cost === undefined ? {} : { cost: Number(cost.replace(/^\+/, '')) }),
  };
  const parsed = extensionSchema.safeParse(extension);
  if (parsed.success) return extension;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0
      ? 'give --steps +N, --time +DURATION, --tokens +N or --cost +USD'
      : `--${path.join('.')}: ${message}`,
  );
  throw wrongInput(problems.join('; '));
}
