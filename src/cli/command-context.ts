import { colouredText, plainText } from '../domain/plain-text';
import type { ArtifactStore } from '../store/artifact-store';
import { createDirectoryStore } from '../store/directory-store';
import { readSettings } from '../workers/settings';
import type { Settings } from '../workers/settings';
import type { Terminal } from './terminal';
import { findTerminal } from './terminal';

/** What every command works with. */
export interface CommandContext {
  readonly settings: Settings;
  readonly store: ArtifactStore;
  /** Directory that relative paths of the command line are meant from. */
  readonly workingDirectory: string;
  /** Writes a line to standard output, with nothing in it that would steer a terminal but colours where they are wanted. */
  readonly print: (line: string) => void;
  /** Writes a part of a text to standard output, cleaned like a line; what would be written over stands in lines. */
  readonly write: (text: string) => void;
  /** Writes a line to standard error: what a person should know but a program reading the output should not see. */
  readonly note: (line: string) => void;
  /** What standard output is drawn on; null where lines are all that it takes. */
  readonly terminal: Terminal | null;
}

export function createCommandContext(environment: Settings['environment'], workingDirectory: string): CommandContext {
  const settings = readSettings(environment);
  const terminal = findTerminal(process.stdout, environment);
  const shown = terminal?.coloured ? colouredText : plainText;
  return {
    settings,
    store: createDirectoryStore(settings.store),
    workingDirectory,
    print: (line) => void process.stdout.write(`${shown(line)}\n`),
    write: (text) => void process.stdout.write(shown(text.replace(/\r(?!\n)/g, '\n'))),
    note: (line) => void process.stderr.write(`${plainText(line)}\n`),
    terminal,
  };
}

/** The same with another number of slots than the machine's default. */
export function withSlots(context: CommandContext, slots: number | undefined): CommandContext {
  if (slots === undefined) return context;
  return { ...context, settings: { ...context.settings, slots } };
}

/** The same with lines alone, also on a terminal, when that is wanted. */
export function withPlainLines(context: CommandContext, isWanted: boolean | undefined): CommandContext {
  return isWanted ? { ...context, terminal: null } : context;
}

/** The same for a command whose standard output is for JSON alone: what people read goes to standard error. */
export function besideJson(context: CommandContext): CommandContext {
  return { ...context, print: context.note, terminal: null };
}
