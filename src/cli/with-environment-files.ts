import { readEnvironmentFiles, type EnvironmentFile } from '../workers/environment-file';
import type { Redactor } from '../store/redaction/redactor';
import { settingsRedactor } from '../workers/settings-redactor';
import type { CommandContext } from './command-context';

/**
 * The context of a command that works itself, or checks for the workers whether a model can be reached: with what stands
 * in environment files (`.env`). Says which variables come from where, never their values.
 *
 * @throws EnvironmentFileError when the file that COPPICE_ENV_FILE names is missing, or one cannot be read
 */
export function withEnvironmentFiles(context: CommandContext): CommandContext {
  const { settings, workingDirectory } = context;
  const { environment, files } = readEnvironmentFiles(settings.environment, workingDirectory, settings.home);
  for (const line of files.flatMap(linesOn)) context.note(`coppice: ${line}`);
  return { ...context, settings: { ...settings, environment, environmentFiles: files } };
}

/**
 * What takes secrets out of what a command shows before a worker has stored it, such as the output of a script that
 * runs: those of this process, and those of the environment files that a worker started here would read.
 */
export function commandRedactor({ settings, workingDirectory }: CommandContext): Redactor {
  const read = readEnvironmentFiles(settings.environment, workingDirectory, settings.home);
  return settingsRedactor({ environment: read.environment, environmentFiles: read.files });
}

function linesOn({ path, names, ignored }: EnvironmentFile): string[] {
  return [
    ...(names.length === 0 ? [] : [`${names.join(', ')} from ${path}`]),
    ...(ignored.length === 0 ? [] : [`${path}: ${ignored.join(', ')} not taken from there: set it in the environment`]),
  ];
}
