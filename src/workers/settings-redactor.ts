import { Redactor } from '../store/redaction/redactor';
import { secretValues } from '../store/redaction/secret-values';
import type { Settings } from './settings';

/**
 * What takes the secrets of this process's environment, and whatever looks like a key, out of texts.
 *
 * @param keyVariables variables that hold keys of model endpoints, whatever their names
 */
export function settingsRedactor(
  { environment, environmentFiles }: Pick<Settings, 'environment' | 'environmentFiles'>,
  keyVariables: readonly string[] = [],
): Redactor {
  const fromFile = new Set(environmentFiles.flatMap(({ names }) => names));
  return new Redactor(secretValues({ environment, fromFile, keyVariables }));
}
