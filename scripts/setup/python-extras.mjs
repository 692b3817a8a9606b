import path from 'node:path';
import { pythonOf } from './context.mjs';
import { SetupFailure } from './failure.mjs';
import { installInto, removeFrom } from './python-install.mjs';
import { ask } from './tools.mjs';

export const EXTRAS = path.join('python', 'requirements-boosting.txt');

/** Distributions of the extra requirements, with the module that each is imported as. */
const MODULES = [
  { distribution: 'lightgbm', module: 'lightgbm' },
  { distribution: 'xgboost-cpu', module: 'xgboost' },
];

/**
 * Installs the boosting libraries where that works. One that cannot be imported, for want of libgomp say, is taken out
 * again, so that the list of installed packages, which models are told, holds only what works.
 * @param {import('./context.mjs').Context} context
 * @param {string} base the Python that the environment was made from
 * @param {string} directory of the environment
 * @returns {Promise<string[]>} modules that are not there
 */
export async function installExtras(context, base, directory) {
  try {
    await installInto(context, base, EXTRAS, directory);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return MODULES.map(({ module }) => module);
  }
  const missing = [];
  for (const { distribution, module } of MODULES) {
    const found = await ask(pythonOf(directory), ['-c', `import ${module}`], context.environment);
    if (found !== undefined) continue;
    missing.push(module);
    await removeFrom(context, base, distribution, directory);
  }
  return missing;
}

/** @param {unknown} missing as a stamp holds it */
export function withoutExtras(missing) {
  return Array.isArray(missing) && missing.length > 0 ? `, without ${missing.join(' and ')}` : '';
}
