import { parseCount } from '../parse-flags';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context';
import type { ExitCode } from '../exit-code';

/** Adds a group of subcommands; `exitWith` takes the exit status of the one that ran. */
export type AddCommands = (program: Command, context: CommandContext, exitWith: (exitCode: ExitCode) => void) => void;

export interface JsonFlag {
  readonly json?: true;
}

export interface PlainFlag {
  readonly plain?: true;
}

export const RUN_ARGUMENT = ['<run>', 'run id'] as const;
export const NODE_ARGUMENT = ['<node>', 'node id'] as const;
export const JSON_FLAG = ['--json', 'print JSON of a stable, documented shape'] as const;
export const SLOTS_FLAG = [
  '--slots <n>',
  'scripts this machine runs at once (default: half the cores)',
  parseCount,
] as const;
export const PLAIN_FLAG = ['--plain', 'lines instead of the live view, also on a terminal'] as const;
export const ADDRESS_FLAG = ['--address <host:port>', 'another Temporal server than the embedded one'] as const;
