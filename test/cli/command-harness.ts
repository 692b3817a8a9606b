import type { CommandContext } from '../../src/cli/command-context';
import { createCommandContext } from '../../src/cli/command-context';

export interface CapturedContext {
  readonly context: CommandContext;
  /** Lines of standard output so far. */
  readonly printed: string[];
  /** Lines of standard error so far. */
  readonly noted: string[];
  /** Standard output as JSON, emptied. */
  takeJson(): unknown;
}

/** A command context over temporary directories that keeps what is printed. */
export function captureContext(environment: Readonly<Record<string, string>>): CapturedContext {
  const printed: string[] = [];
  const noted: string[] = [];
  const context: CommandContext = {
    ...createCommandContext(environment, process.cwd()),
    print: (line) => void printed.push(line),
    write: (text) => void printed.push(text),
    note: (line) => void noted.push(line),
    terminal: null,
  };
  const takeJson = (): unknown => JSON.parse(printed.splice(0).join('\n'));
  return { context, printed, noted, takeJson };
}
