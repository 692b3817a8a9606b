import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { environmentDirectory } from './context.mjs';
import { SetupFailure } from './failure.mjs';
import { installInto } from './python-install.mjs';
import { readEnvironmentStamp } from './python-step.mjs';
import { readStamp, writeStamp } from './stamp.mjs';
import { ask, findCommand } from './tools.mjs';

const REQUIREMENTS = path.join('python', 'requirements-temporal.txt');
const NEEDED = '1.9 or a later 1.x';

/** @param {import('./context.mjs').Context} context */
export function readTemporalStamp(context) {
  return readStamp(stampFile(context));
}

/** @type {import('./steps.mjs').Step} */
export const temporalStep = {
  name: 'Temporal CLI',
  inspect: async (context, { deep }) => {
    const stamp = readTemporalStamp(context);
    const fix = 'Run "npm run setup".';
    if (stamp === undefined) return { ready: false, detail: 'not chosen yet', fix };
    const asked = context.environment.COPPICE_TEMPORAL_CLI;
    if (asked && asked !== stamp.asked) return { ready: false, detail: `COPPICE_TEMPORAL_CLI now names ${asked}`, fix };
    if (identity(stamp.path) !== stamp.identity)
      return { ready: false, detail: `${stamp.path} is gone or changed`, fix };
    if (deep && (await versionOf(context, stamp.path)) !== stamp.version) {
      return {
        ready: false,
        detail: `${stamp.path} does not start`,
        fix: `Remove ${stampFile(context)}, then run "npm run setup".`,
      };
    }
    return { ready: true, detail: `${stamp.version} (${stamp.path})` };
  },
  make: async (context) => {
    rmSync(stampFile(context), { force: true });
    const command = await findTemporal(context);
    const version = await versionOf(context, command);
    if (version === undefined) {
      throw new SetupFailure(
        `The Temporal CLI at ${command} does not start on this machine. Install another one, ${NEEDED} ` +
          '(https://docs.temporal.io/cli), name it in COPPICE_TEMPORAL_CLI, then run the same command again.',
      );
    }
    const asked = context.environment.COPPICE_TEMPORAL_CLI ?? null;
    writeStamp(stampFile(context), { path: command, version, asked, identity: identity(command) });
  },
};

/** @param {import('./context.mjs').Context} context */
function stampFile(context) {
  return path.join(context.home, 'temporal-cli.json');
}

/** @param {import('./context.mjs').Context} context @returns {Promise<string>} */
async function findTemporal(context) {
  const asked = context.environment.COPPICE_TEMPORAL_CLI;
  if (asked) return checkAsked(context, asked);
  const onPath = findCommand('temporal', context.environment);
  if (onPath !== undefined && fits(await versionOf(context, onPath))) return onPath;
  const base = readEnvironmentStamp(context)?.base;
  await installInto(context, base, REQUIREMENTS);
  return path.join(environmentDirectory(context), 'bin', 'temporal');
}

/** @param {import('./context.mjs').Context} context @param {string} asked @returns {Promise<string>} */
async function checkAsked(context, asked) {
  const command = findCommand(asked, context.environment);
  const remedy = `Name one of version ${NEEDED}, or leave COPPICE_TEMPORAL_CLI unset to get one.`;
  if (command === undefined) {
    throw new SetupFailure(`COPPICE_TEMPORAL_CLI names ${asked}, which is not there or not executable. ${remedy}`);
  }
  const version = await versionOf(context, command);
  if (fits(version)) return command;
  const found = version === undefined ? 'is not a Temporal CLI' : `has version ${version}`;
  throw new SetupFailure(`COPPICE_TEMPORAL_CLI names ${command}, which ${found}. ${remedy}`);
}

/** @param {import('./context.mjs').Context} context @param {string} command */
async function versionOf(context, command) {
  const answer = await ask(command, ['--version'], context.environment);
  return answer?.match(/temporal version (\d+\.\d+\.\d+)/)?.[1];
}

/** @param {string | undefined} version */
function fits(version) {
  const [major, minor = 0] = (version ?? '0.0').split('.').map(Number);
  return major === 1 && minor >= 9;
}

/** @param {string} file */
function identity(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.size}-${Math.trunc(stat.mtimeMs)}`;
}
