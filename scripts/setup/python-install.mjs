import { rmSync } from 'node:fs';
import path from 'node:path';
import { environmentDirectory, pythonOf } from './context.mjs';
import { SetupFailure, adviceFor, toolFailure } from './failure.mjs';
import { ask, findCommand, isExecutable, runTool } from './tools.mjs';

const UV_REQUIREMENTS = path.join('python', 'requirements-uv.txt');
const PINNED = ['--require-hashes', '--only-binary', ':all:', '-r'];

/**
 * Makes the environment anew: with uv when it is there or obtainable (fast, and it needs no venv module), else with
 * venv and pip; also where uv cannot reach its index, as it reads none of pip's settings.
 * @param {import('./context.mjs').Context} context
 * @param {import('./python-candidates.mjs').Python} python
 * @param {string} requirements
 * @param {string} directory
 */
export async function makeEnvironment(context, python, requirements, directory) {
  rmSync(directory, { recursive: true, force: true });
  const hasPip = (await ask(python.executable, ['-m', 'pip', '--version'], context.environment)) !== undefined;
  const uv = findUv(context) ?? (hasPip ? await obtainUv(context, python) : undefined);
  const made =
    uv && (await runTool(context, uv, ['venv', '--no-python-downloads', '--python', python.executable, directory]));
  if (made?.ok) return installInto(context, python.executable, requirements, directory);

  rmSync(directory, { recursive: true, force: true });
  const venv = await runTool(context, python.executable, ['-m', 'venv', directory]);
  if (!venv.ok) throw venvFailure(context, python, venv, hasPip, directory);
  return installInto(context, python.executable, requirements, directory);
}

/**
 * Installs pinned requirements into the environment.
 * @param {import('./context.mjs').Context} context
 * @param {string} base the Python that the environment was made from
 * @param {string} requirements
 * @param {string} [directory] default: the environment in use
 */
export async function installInto(context, base, requirements, directory = environmentDirectory(context)) {
  const python = pythonOf(directory);
  const uv = findUv(context);
  const byUv =
    uv &&
    (await runTool(context, uv, ['pip', 'install', '--compile-bytecode', '--python', python, ...PINNED, requirements]));
  if (byUv?.ok) return;
  const [command, ...args] = await pipOf(context, base, directory);
  const byPip = await runTool(context, command, [...args, 'install', ...PINNED, requirements]);
  if (byPip.ok) return;
  const result = byUv && /No module named pip/.test(byPip.output) ? byUv : byPip;
  throw toolFailure(`The Python packages of ${requirements} could not be installed`, result, context);
}

/**
 * Takes a package out of the environment; leaves it where that fails.
 * @param {import('./context.mjs').Context} context
 * @param {string} base the Python that the environment was made from
 * @param {string} distribution
 * @param {string} directory
 */
export async function removeFrom(context, base, distribution, directory) {
  const uv = findUv(context);
  const byUv = uv && (await runTool(context, uv, ['pip', 'uninstall', '--python', pythonOf(directory), distribution]));
  if (byUv?.ok) return;
  const [command, ...args] = await pipOf(context, base, directory);
  await runTool(context, command, [...args, 'uninstall', '--yes', distribution]);
}

/**
 * The words that begin a call of pip for the environment, its own or that of the Python it was made from.
 * @param {import('./context.mjs').Context} context
 * @param {string} base
 * @param {string} directory
 * @returns {Promise<[string, ...string[]]>}
 */
async function pipOf(context, base, directory) {
  const python = pythonOf(directory);
  const ownPip = (await ask(python, ['-m', 'pip', '--version'], context.environment)) !== undefined;
  return ownPip ? [python, '-m', 'pip'] : [base, '-m', 'pip', '--python', python];
}

/** @param {import('./context.mjs').Context} context */
function findUv(context) {
  return findCommand('uv', context.environment) ?? findCommand(ownUv(context), context.environment);
}

/** @param {import('./context.mjs').Context} context */
function ownUv(context) {
  return path.join(context.home, 'tools', 'bin', 'uv');
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./python-candidates.mjs').Python} python
 * @returns {Promise<string | undefined>}
 */
async function obtainUv(context, python) {
  const tools = path.join(context.home, 'tools');
  rmSync(tools, { recursive: true, force: true });
  const args = ['-m', 'pip', 'install', '--target', tools, ...PINNED, UV_REQUIREMENTS];
  const result = await runTool(context, python.executable, args);
  return result.ok && isExecutable(ownUv(context)) ? ownUv(context) : undefined;
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./python-candidates.mjs').Python} python
 * @param {{ output: string }} venv
 * @param {boolean} hasPip
 * @param {string} directory
 */
function venvFailure(context, python, venv, hasPip, directory) {
  if (adviceFor(venv.output) !== undefined) {
    return toolFailure(`The Python environment could not be made in ${directory}`, venv, context);
  }
  const instead = hasPip ? 'uv could not be had with pip instead' : 'neither pip nor uv is there to do without it';
  return new SetupFailure(
    `${python.executable} (Python ${python.version}) has no working venv module, and ${instead}. Install the module ` +
      '(Debian or Ubuntu: "apt install python3-venv") or uv (https://docs.astral.sh/uv), then run the same command ' +
      `again. The full output is in ${context.log}.`,
    venv.output.trimEnd().split('\n').slice(-5).join('\n'),
  );
}
