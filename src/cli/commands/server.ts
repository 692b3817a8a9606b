import { ensureServer, stopServer } from '../../server/embedded-server';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { serverLines } from '../server-lines';

export async function startServer(context: CommandContext, flags: { readonly port?: number }): Promise<ExitCode> {
  const { home, environment } = context.settings;
  const server = await ensureServer({ home, environment, startedBy: 'command', ...flags });
  for (const line of serverLines(server)) context.print(line);
  context.print('It stays until `coppice server stop`.');
  return ExitCode.done;
}

export async function endServer(context: CommandContext): Promise<ExitCode> {
  const ended = await stopServer(context.settings.home);
  context.print(
    ended === null
      ? `no embedded server of ${context.settings.home} is running`
      : `ended the server at ${ended.address}; unfinished runs are safe on disk`,
  );
  return ExitCode.done;
}
