import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { z } from 'zod';
import { errorMessage } from '../../domain/error-message';
import { errorCode } from '../../store/store-error';
import { ModelProblem } from './model-problem';

/**
 * Reads a YAML file with settings of a person's own.
 *
 * @param name where the file was named, for the message
 * @throws ModelProblem that names the file and the place in it
 */
export async function readSettingsFile<Schema extends z.ZodType>(
  file: string,
  name: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const where = `${file} (${name})`;
  const parsed = schema.safeParse(parseYaml(await readText(file, where), where));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${['$', ...path.map(String)].join('.')}: ${message}`,
  );
  throw new ModelProblem(`${where}: ${problems.join('; ')}`);
}

async function readText(file: string, where: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'EISDIR') throw new ModelProblem(`${where} is a directory; name a file`);
    throw new ModelProblem(`${where} cannot be read: ${errorMessage(error)}`);
  }
}

function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new ModelProblem(`${where} is not YAML: ${errorMessage(error).split('\n')[0] ?? ''}`);
  }
}
