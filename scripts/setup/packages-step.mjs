import { chmodSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { SetupFailure, toolFailure } from './failure.mjs';
import { readStamp } from './stamp.mjs';
import { findCommand, runTool } from './tools.mjs';

/** @type {import('./steps.mjs').Step} */
export const packagesStep = {
  name: 'npm packages',
  inspect: (context) => {
    const problem = packagesProblem(context);
    if (problem !== undefined) return { ready: false, detail: problem, fix: 'Run "npm run setup".' };
    if (!isLinked(context.checkout)) {
      return { ready: false, detail: 'the coppice command is not linked', fix: 'Run "npm run setup".' };
    }
    return { ready: true, detail: 'as in package-lock.json' };
  },
  make: async (context) => {
    if (packagesProblem(context) !== undefined) await install(context);
    link(context.checkout);
  },
};

/**
 * Compares the lock file with the record that npm writes last of all into node_modules; so a half-done install, one of
 * another system and one of an older lock file are all seen, and one made by hand with `npm install` is fine. As for npm
 * itself, what only developers need may be missing where NODE_ENV is `production`, as in the image for deployment.
 * @param {import('./context.mjs').Context} context
 * @returns {string | undefined}
 */
function packagesProblem({ checkout, environment }) {
  const isProduction = environment.NODE_ENV === 'production';
  const wanted = readStamp(path.join(checkout, 'package-lock.json'))?.packages;
  if (wanted === undefined)
    throw new SetupFailure('package-lock.json is missing or broken: restore it from the repository.');
  const installed = readStamp(path.join(checkout, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return 'not installed';
  for (const [place, entry] of Object.entries(wanted)) {
    if (place === '') continue;
    const found = installed[place];
    const mayBeMissing = entry.optional || (isProduction && entry.dev);
    if (found === undefined ? !mayBeMissing : found.version !== entry.version)
      return `${place} is not ${entry.version}`;
    if (found?.os !== undefined && !found.os.includes(process.platform)) return 'installed on another system';
    if (found !== undefined && statSync(path.join(checkout, place), { throwIfNoEntry: false }) === undefined) {
      return `${place} is missing`;
    }
  }
  return undefined;
}

/** @param {import('./context.mjs').Context} context */
async function install(context) {
  // Under `npm start` this is the npm that runs us; the tool on PATH may be another.
  const script = context.environment.npm_execpath;
  const npm =
    script !== undefined && path.basename(script) === 'npm-cli.js'
      ? [process.execPath, script]
      : [findCommand('npm', context.environment)];
  const [command, ...first] = npm;
  if (command === undefined) {
    throw new SetupFailure('npm is not on PATH: install it (it comes with Node.js), then run the same command again.');
  }
  const args = [...first, 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const result = await runTool(context, command, args);
  if (!result.ok) {
    throw toolFailure(`"npm ci" failed in ${context.checkout}`, result, context);
  }
  const problem = packagesProblem(context);
  if (problem !== undefined) {
    throw new SetupFailure(
      `"npm ci" ended well in ${context.checkout}, yet ${problem}. Remove node_modules and run the same command again; ` +
        'an npm setting such as "omit" may leave packages out (see "npm config ls").',
    );
  }
}

/** @param {string} checkout */
function isLinked(checkout) {
  return statSync(linkPlace(checkout), { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * npm links the commands of dependencies, but not the package's own: `npx coppice` needs it.
 * @param {string} checkout
 */
function link(checkout) {
  const place = linkPlace(checkout);
  mkdirSync(path.dirname(place), { recursive: true });
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) rmSync(place);
  symlinkSync(path.join('..', '..', 'bin', 'coppice.js'), place);
  chmodSync(path.join(checkout, 'bin', 'coppice.js'), 0o755);
}

/** @param {string} checkout */
function linkPlace(checkout) {
  return path.join(checkout, 'node_modules', '.bin', 'coppice');
}
