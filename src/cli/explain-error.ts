import { onOneLine } from '../domain/on-one-line';
import { CommanderError } from 'commander';
import { ModelProblem } from '../llm/models/model-problem';
import { ServerError } from '../server/server-error';
import { StoreError } from '../store/store-error';
import { EnvironmentFileError } from '../workers/environment-file';
import { CommandFailure } from './command-failure';
import { ExitCode } from './exit-code';

export interface Explanation {
  /** Null when all has been said already. */
  readonly message: string | null;
  readonly exitCode: ExitCode;
}

/** What went wrong in a line for people, and the exit status that goes with it. */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommanderError) {
    // Help and version end by such an error, too; commander has printed its message itself.
    return { message: null, exitCode: error.exitCode === 0 ? ExitCode.done : ExitCode.usage };
  }
  if (error instanceof CommandFailure) return { message: told(error.message), exitCode: error.exitCode };
  if (error instanceof ServerError) {
    const isWrongWish = error.problem === 'port_taken' || error.problem === 'other_port';
    return { message: told(error.message), exitCode: isWrongWish ? ExitCode.usage : ExitCode.failed };
  }
  if (error instanceof ModelProblem) return { message: told(error.message), exitCode: ExitCode.usage };
  if (error instanceof EnvironmentFileError) return { message: told(error.message), exitCode: ExitCode.usage };
  if (error instanceof StoreError) return { message: told(error.message), exitCode: ExitCode.failed };
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `coppice: something unexpected went wrong: ${details}`, exitCode: ExitCode.failed };
}

function told(message: string): string {
  return `coppice: ${onOneLine(message)}`;
}
