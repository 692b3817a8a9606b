import { lstatSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Context
 * @property {string} checkout root of the checkout
 * @property {string} home COPPICE_HOME
 * @property {string} log file that holds the full output of every tool
 * @property {NodeJS.ProcessEnv} environment handed to npm, uv and pip as it is: proxies and mirrors are set there
 */

/** @returns {Context} */
export function readContext(environment = process.env) {
  const checkout = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
  const home = path.resolve(environment.COPPICE_HOME || path.join(checkout, '.coppice'));
  return { checkout, home, log: path.join(home, 'logs', 'setup.log'), environment };
}

/**
 * The link to the Python environment in use. Environments that were in use before stay beside it for the runs that began
 * with them.
 * @param {Context} context
 */
export function environmentLink(context) {
  return path.join(context.home, 'python');
}

/** @param {Context} context the environment in use, at its own place; the link's when there is none yet */
export function environmentDirectory(context) {
  const link = environmentLink(context);
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? path.resolve(context.home, readlinkSync(link)) : link;
}

/** @param {Context} context the Python that runs every script and every tool of ours */
export function environmentPython(context) {
  return pythonOf(environmentDirectory(context));
}

/** @param {string} directory of an environment */
export function pythonOf(directory) {
  return path.join(directory, 'bin', 'python');
}
