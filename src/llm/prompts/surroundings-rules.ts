import type { Task } from '../../domain/task';

type Surroundings = Pick<Task, 'network' | 'mounts' | 'gpus' | 'outputs' | 'reruns'>;

/** What a script is told about what it may use and what is kept of it; the same in every prompt of a run. */
export function surroundingsRules({ network, mounts, gpus, outputs, reruns }: Surroundings): readonly string[] {
  const seed = reruns === 0 ? '' : ', which the environment variable COPPICE_SEED replaces when it is set';
  return [
    `It ${network === 'on' ? 'may use the network, and' : 'has no network and'} installs nothing. It asks for no ` +
      'input, shows no plots, prints few lines and no progress bars.',
    mounts.length === 0 ? '' : `It may read ${names(mounts)} besides its data; they cannot be written.`,
    gpus === 0 ? '' : `It has ${gpus === 1 ? 'one GPU' : `${gpus} GPUs`} to itself; any other is not to be used.`,
    outputs.length === 0 ? '' : `What it leaves at ${names(outputs.map((output) => `./${output}`))} is kept.`,
    `Random choices are made with a fixed seed${seed}.`,
  ];
}

function names(paths: readonly string[]): string {
  const quoted = paths.map((path) => `\`${path}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
}
