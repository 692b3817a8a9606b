import type { ArtifactStore } from '../store/artifact-store';
import { createDirectoryStore } from '../store/directory-store';
import { readSettings } from '../workers/settings';
import type { Settings } from '../workers/settings';

/** What every command works with. */
export interface CommandContext {
  readonly settings: Settings;
  readonly store: ArtifactStore;
  /** Directory that relative paths of the command line are meant from. */
  readonly workingDirectory: string;
  /** Writes a line to standard output. */
  readonly print: (line: string) => void;
  /** Writes a line to standard error: what a person should know but a program reading the output should not see. */
  readonly note: (line: string) => void;
}

export function createCommandContext(environment: Settings['environment'], workingDirectory: string): CommandContext {
  const settings = readSettings(environment);
  return {
    settings,
    store: createDirectoryStore(settings.store),
    workingDirectory,
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
  };
}

/** The same with another number of slots than the machine's default. */
export function withSlots(context: CommandContext, slots: number | undefined): CommandContext {
  if (slots === undefined) return context;
  return { ...context, settings: { ...context.settings, slots } };
}
