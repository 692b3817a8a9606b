import { SetupFailure } from './failure.mjs';
import { ask, findCommand } from './tools.mjs';

const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
const OLDEST = 11;
const NEWEST = 14;
const QUESTION =
  'import json, platform, sys; print(json.dumps({' +
  '"executable": sys.executable, "major": sys.version_info[0], "minor": sys.version_info[1], ' +
  '"version": platform.python_version(), "implementation": platform.python_implementation()}))';
const INSTALL =
  `Install Python 3.${OLDEST} to 3.${NEWEST} (Debian or Ubuntu: "apt install python3 python3-venv"; macOS: "brew install ` +
  `python@3.13"; or https://www.python.org), or name one in COPPICE_PYTHON, then run the same command again.`;

/** @typedef {{ command: string, executable: string, version: string }} Python */

/**
 * The Python to build the environment on: COPPICE_PYTHON alone when it is set, else the first fitting one on PATH.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Python>}
 */
export async function findPython(environment) {
  const asked = environment.COPPICE_PYTHON;
  const unfit = [];
  for (const name of asked ? [asked] : NAMES) {
    const command = findCommand(name, environment);
    if (command === undefined) continue;
    const facts = parseFacts(await ask(command, ['-c', QUESTION], environment));
    if (facts === undefined) {
      unfit.push(`${command} does not start`);
    } else if (facts.implementation !== 'CPython') {
      unfit.push(`${command} is ${facts.implementation}`);
    } else if (facts.major !== 3 || facts.minor < OLDEST || facts.minor > NEWEST) {
      unfit.push(`${command} is ${facts.version}`);
    } else {
      return { command, executable: facts.executable, version: facts.version };
    }
  }
  if (asked && unfit.length === 0) {
    throw new SetupFailure(`COPPICE_PYTHON names ${asked}, which is not there or not executable. ${INSTALL}`);
  }
  if (unfit.length === 0) throw new SetupFailure(`No Python was found on PATH. ${INSTALL}`);
  throw new SetupFailure(
    `No Python that coppice can use was found: ${unfit.join('; ')}; needed is CPython 3.${OLDEST} to 3.${NEWEST}. ${INSTALL}`,
  );
}

/** @param {string | undefined} answer */
function parseFacts(answer) {
  try {
    return JSON.parse(answer ?? '');
  } catch {
    return undefined;
  }
}
