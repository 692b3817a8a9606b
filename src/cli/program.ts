import { onOneLine } from '../domain/on-one-line';
import path from 'node:path';
import { Command } from 'commander';
import { packageVersion } from '../workers/package-version';
import { PACKAGE_DIRECTORY } from '../workers/settings';
import type { CommandContext } from './command-context';
import type { ExitCode } from './exit-code';
import { addReadingCommands } from './program/reading-commands';
import { addResultCommands } from './program/result-commands';
import { addRunningCommands } from './program/running-commands';
import { addSteeringCommands } from './program/steering-commands';

/**
 * The coppice command. Each subcommand loads its own code only when it is called, so that asking for the version, or
 * reading files, loads nothing of Temporal.
 *
 * @param exitWith takes the exit status of the subcommand
 */
export function createProgram(context: CommandContext, exitWith: (exitCode: ExitCode) => void): Command {
  const program = new Command('coppice')
    .description('A machine-learning engineer that does not die: a durable tree search over ML scripts.')
    .version(packageVersion(path.join(PACKAGE_DIRECTORY, 'package.json')))
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`coppice: ${errorLine(text)}\n`) })
    .showHelpAfterError(false);
  addRunningCommands(program, context, exitWith);
  addReadingCommands(program, context, exitWith);
  addSteeringCommands(program, context, exitWith);
  addResultCommands(program, context, exitWith);
  return program;
}

function errorLine(text: string): string {
  return onOneLine(text.replace(/^error: /, ''));
}
