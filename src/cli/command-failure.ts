import { ExitCode } from './exit-code';

/** Ends a command with one line for the person who typed it. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
  }
}

/** Wrong usage or input: nothing was begun. */
export function wrongInput(message: string): CommandFailure {
  return new CommandFailure(message, ExitCode.usage);
}

/** The command could not do what was asked. */
export function failed(message: string): CommandFailure {
  return new CommandFailure(message, ExitCode.failed);
}
