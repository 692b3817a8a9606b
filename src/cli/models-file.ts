import path from 'node:path';
import { z } from 'zod';
import { inputProblemsInWords } from '../domain/input-problems';
import { modelsSchema } from '../domain/run-spec';
import { readSettingsFile } from '../llm/models/settings-file';
import { wrongInput } from './command-failure';
import type { CommandContext } from './command-context';
import type { RequestFlags } from './request-flags';

type Models = z.output<typeof modelsSchema>;

/**
 * The models that the flags name: by role as `--models` has it, but for what a flag says of its own.
 *
 * @throws ModelProblem when the file cannot be read
 * @throws CommandFailure (exit 2) with every mistake in the file
 */
export async function modelsOfFlags(
  { workingDirectory }: CommandContext,
  { models, model, reviewModel }: Pick<RequestFlags, 'models' | 'model' | 'reviewModel'>,
): Promise<Readonly<Record<string, unknown>>> {
  const file = models === undefined ? {} : await readModelsFile(workingDirectory, models);
  return {
    ...file,
    ...(model === undefined ? {} : { default: model }),
    ...(reviewModel === undefined ? {} : { review: reviewModel }),
  };
}

/** Checked before flags are mixed in: what is wrong in the file must not be blamed on a flag, nor the reverse. */
async function readModelsFile(workingDirectory: string, name: string): Promise<Models> {
  const content = await readSettingsFile(path.resolve(workingDirectory, name), '--models', z.unknown());
  const parsed = modelsSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw wrongInput(`--models ${name}: ${inputProblemsInWords(parsed.error)}`);
}
