import { scriptEnvironment } from '../script-environment';
import type { Isolation } from './isolation';

/** Runs scripts as this user with limits alone: works everywhere, and keeps accidents small, not intentions. */
export const processIsolation: Isolation = {
  name: 'process',
  holds: [
    'limits on time, memory, processes, file size, disk and output',
    'an environment without keys',
    'a copy of the data, looked at after every script',
  ],
  open: [
    'scripts can read and change all that this user can: home directory, keys, other runs, the original data',
    'scripts reach the network and the Temporal server',
  ],
  input: 'link',
  command: (placement) =>
    Promise.resolve({ command: [...placement.program], environment: scriptEnvironment(placement) }),
  gpuArguments: () => [],
};
