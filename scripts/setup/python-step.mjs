import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { environmentDirectory, environmentPython } from './context.mjs';
import { SetupFailure } from './failure.mjs';
import { findPython } from './python-candidates.mjs';
import { makeEnvironment } from './python-install.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { ask, isExecutable } from './tools.mjs';

const REQUIREMENTS = path.join('python', 'requirements.txt');
const REMAKE = 'Run "npm run setup".';

/** @param {import('./context.mjs').Context} context what the environment was made of; undefined when it is not finished */
export function readEnvironmentStamp(context) {
  return readStamp(path.join(environmentDirectory(context), '.coppice-stamp.json'));
}

/** @type {import('./steps.mjs').Step} */
export const pythonStep = {
  name: 'Python environment',
  inspect: async (context, { deep }) => {
    const stamp = readEnvironmentStamp(context);
    if (stamp === undefined) return { ready: false, detail: 'not made, or not to its end', fix: REMAKE };
    const reason = staleBecause(context, stamp);
    if (reason !== undefined) return { ready: false, detail: reason, fix: REMAKE };
    if (deep && (await imported(context)) === undefined) {
      const fix = `Remove ${environmentDirectory(context)}, then run "npm run setup".`;
      return { ready: false, detail: 'its packages cannot be imported', fix };
    }
    return { ready: true, detail: `Python ${stamp.version}` };
  },
  make: async (context) => {
    const python = await findPython(context.environment);
    const directory = environmentDirectory(context);
    mkdirSync(context.home, { recursive: true });
    await makeEnvironment(context, python, REQUIREMENTS);
    if ((await imported(context)) === undefined) {
      throw new SetupFailure(
        `The Python environment in ${directory} was made, but numpy, pandas and scikit-learn cannot be imported in it: ` +
          `see what "${environmentPython(context)} -c 'import sklearn, pandas'" says; a system library may be missing.`,
      );
    }
    writeStamp(path.join(directory, '.coppice-stamp.json'), {
      requirements: fingerprint(context.checkout, [REQUIREMENTS]),
      directory,
      asked: context.environment.COPPICE_PYTHON ?? null,
      base: python.executable,
      executable: realpathSync(environmentPython(context)),
      version: python.version,
    });
  },
};

/** @param {import('./context.mjs').Context} context @param {Record<string, any>} stamp */
function staleBecause(context, stamp) {
  if (stamp.directory !== environmentDirectory(context)) return 'it was made in another place';
  if (stamp.requirements !== fingerprint(context.checkout, [REQUIREMENTS])) return 'the requirements have changed';
  const asked = context.environment.COPPICE_PYTHON;
  if (asked && asked !== stamp.asked) return `COPPICE_PYTHON now names ${asked}`;
  // A Python replaced by another minor version leaves the environment without its packages.
  if (!isExecutable(environmentPython(context))) return 'the Python it was made from is gone';
  if (realpathSync(environmentPython(context)) !== stamp.executable) return 'the Python it was made from has changed';
  return undefined;
}

/** @param {import('./context.mjs').Context} context */
function imported(context) {
  return ask(environmentPython(context), ['-c', 'import numpy, pandas, sklearn'], context.environment);
}
