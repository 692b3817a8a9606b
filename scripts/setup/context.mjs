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

/** @param {Context} context */
export function environmentDirectory(context) {
  return path.join(context.home, 'python');
}

/** @param {Context} context the Python that runs every script and every tool of ours */
export function environmentPython(context) {
  return path.join(environmentDirectory(context), 'bin', 'python');
}
