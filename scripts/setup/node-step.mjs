import { SetupFailure } from './failure.mjs';

const MINIMUM = [20, 19];

/** @type {import('./steps.mjs').Step} */
export const nodeStep = {
  name: 'Node.js',
  inspect: () => {
    const version = process.versions.node;
    if (process.platform === 'win32') {
      return { ready: false, detail: 'Windows', fix: 'Run coppice inside WSL2; Windows itself is not supported.' };
    }
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return { ready: true, detail: version };
    return {
      ready: false,
      detail: version,
      fix: `Install Node.js ${MINIMUM.join('.')} or newer (https://nodejs.org), then run the same command again.`,
    };
  },
  make: (context, state) => {
    throw new SetupFailure(`Node.js here is ${state.detail}, which coppice cannot use. ${state.fix}`);
  },
};
