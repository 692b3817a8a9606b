import { lstatSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { environmentDirectory, environmentLink, environmentPython, pythonOf } from './context.mjs';
import { SetupFailure } from './failure.mjs';
import { findPython } from './python-candidates.mjs';
import { EXTRAS, installExtras, withoutExtras } from './python-extras.mjs';
import { makeEnvironment } from './python-install.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { ask, isExecutable } from './tools.mjs';

const REQUIREMENTS = path.join('python', 'requirements.txt');
const STAMP = '.coppice-stamp.json';
const REMAKE = 'Run "npm run setup".';

/** @param {import('./context.mjs').Context} context what the environment was made of; undefined when it is not finished */
export function readEnvironmentStamp(context) {
  return readStamp(path.join(environmentDirectory(context), STAMP));
}

/** @type {import('./steps.mjs').Step} */
export const pythonStep = {
  name: 'Python environment',
  inspect: async (context, { deep }) => {
    const stamp = readEnvironmentStamp(context);
    if (stamp === undefined) return { ready: false, detail: 'not made, or not to its end', fix: REMAKE };
    const reason = staleBecause(context, stamp);
    if (reason !== undefined) return { ready: false, detail: reason, fix: REMAKE };
    if (deep && !(await canImport(context, environmentDirectory(context)))) {
      const fix = `Remove ${environmentDirectory(context)}, then run "npm run setup".`;
      return { ready: false, detail: 'its packages cannot be imported', fix };
    }
    return { ready: true, detail: `Python ${stamp.version}${withoutExtras(stamp.missing)}` };
  },
  make: async (context) => {
    const python = await findPython(context.environment);
    const requirements = fingerprint(context.checkout, [REQUIREMENTS, EXTRAS]);
    const directory = path.join(context.home, `python-${packagesName(requirements)}-${python.version}`);
    mkdirSync(context.home, { recursive: true });
    // One that is whole is there when an earlier coppice, or another Python, was in use in between.
    let missing = await missingOfWhole(context, directory, requirements);
    if (missing === undefined) {
      await makeEnvironment(context, python, REQUIREMENTS, directory);
      if (!(await canImport(context, directory))) {
        throw new SetupFailure(
          `The Python environment in ${directory} was made, but numpy, pandas and scikit-learn cannot be imported in it: ` +
            `see what "${pythonOf(directory)} -c 'import sklearn, pandas'" says; a system library may be missing.`,
        );
      }
      missing = await installExtras(context, python.executable, directory);
    }
    writeStamp(path.join(directory, STAMP), {
      requirements,
      missing,
      directory,
      asked: context.environment.COPPICE_PYTHON ?? null,
      base: python.executable,
      executable: realpathSync(pythonOf(directory)),
      version: python.version,
    });
    pointTo(context, directory);
  },
};

/**
 * A run finds the environment that it began with by the packages, which are the same on every machine.
 * @param {string} requirements fingerprint of the pinned packages
 */
export function packagesName(requirements) {
  return requirements.slice(0, 12);
}

/**
 * The extras that a finished environment lacks; undefined when it is not finished, or not of these requirements.
 * @param {import('./context.mjs').Context} context @param {string} directory @param {string} requirements
 * @returns {Promise<string[] | undefined>}
 */
async function missingOfWhole(context, directory, requirements) {
  const stamp = readStamp(path.join(directory, STAMP));
  return stamp?.requirements === requirements && (await canImport(context, directory)) ? stamp.missing : undefined;
}

/** A link swapped by rename, so that there is an environment at every moment. @param {import('./context.mjs').Context} context @param {string} directory */
function pointTo(context, directory) {
  const link = environmentLink(context);
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  // Earlier set-ups made the environment there itself.
  if (!isLink) rmSync(link, { recursive: true, force: true });
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(path.basename(directory), fresh);
  renameSync(fresh, link);
}

/** @param {import('./context.mjs').Context} context @param {Record<string, any>} stamp */
function staleBecause(context, stamp) {
  if (environmentDirectory(context) === environmentLink(context)) return 'an earlier set-up made it';
  if (stamp.directory !== environmentDirectory(context)) return 'it was made in another place';
  if (stamp.requirements !== fingerprint(context.checkout, [REQUIREMENTS, EXTRAS]))
    return 'the requirements have changed';
  const asked = context.environment.COPPICE_PYTHON;
  if (asked && asked !== stamp.asked) return `COPPICE_PYTHON now names ${asked}`;
  // A Python replaced by another minor version leaves the environment without its packages.
  if (!isExecutable(environmentPython(context))) return 'the Python it was made from is gone';
  if (realpathSync(environmentPython(context)) !== stamp.executable) return 'the Python it was made from has changed';
  return undefined;
}

/** @param {import('./context.mjs').Context} context @param {string} directory */
async function canImport(context, directory) {
  return (await ask(pythonOf(directory), ['-c', 'import numpy, pandas, sklearn'], context.environment)) !== undefined;
}
