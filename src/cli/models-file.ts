import path from 'node:path';
import { z } from 'zod';
import { readSettingsFile } from '../llm/models/settings-file';
import type { CommandContext } from './command-context';
import type { RequestFlags } from './request-flags';

/** Shape and values are the run spec's to check. */
const modelsFileSchema = z.record(z.string(), z.unknown());

/**
 * The models that the flags name: by role as `--models` has it, but for what a flag says of its own.
 *
 * @throws ModelProblem when the file cannot be read
 */
export async function modelsOfFlags(
  { workingDirectory }: CommandContext,
  { models, model, reviewModel }: Pick<RequestFlags, 'models' | 'model' | 'reviewModel'>,
): Promise<Readonly<Record<string, unknown>>> {
  const file =
    models === undefined
      ? {}
      : await readSettingsFile(path.resolve(workingDirectory, models), '--models', modelsFileSchema);
  return {
    ...file,
    ...(model === undefined ? {} : { default: model }),
    ...(reviewModel === undefined ? {} : { review: reviewModel }),
  };
}
