import type { RunSpec } from '../../domain/run-spec';
import type { ScriptResources } from '../script-resources';
import type { Gpu } from '../gpus';
import type { ProvidedInput } from '../provide-input';

/** The back ends there are; a container would be another implementation of {@link Isolation}. */
export type IsolationName = 'bubblewrap' | 'process';

/** What a spec may ask for. */
export type WantedIsolation = RunSpec['isolation'];

/** A script in its directory, ready to be started; paths are this machine's. */
export interface Placement {
  /** Directory of the attempt: what the script sees as its working directory. */
  readonly directory: string;
  /** Empty home directory below `directory`. */
  readonly homeDirectory: string;
  /** Directory for temporary files, in or a link into `directory`. */
  readonly temporaryDirectory: string;
  readonly pythonPath: string;
  /** What is executed there, such as `[pythonPath, 'solution.py']`. */
  readonly program: readonly string[];
  /** Files and directories below `directory` that what is executed must not change, as far as the back end can. */
  readonly readOnly: readonly string[];
  readonly input: ProvidedInput;
  /** Directories besides the input that may be read, each at its own path. */
  readonly mounts: readonly string[];
  readonly network: boolean;
  /** How many GPUs will be leased for it. */
  readonly gpus: number;
  readonly resources: ScriptResources;
  /** Value of COPPICE_ATTEMPT. */
  readonly token: string;
  /** Threads that numeric libraries start. */
  readonly threads: number;
  /** Value of COPPICE_SEED; null leaves it out. */
  readonly seed: number | null;
}

/** What the supervisor executes. */
export interface IsolatedCommand {
  /** The element `{gpu-devices}` stands for the arguments of the GPUs that get leased. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** One way of keeping a script from what is not its own. */
export interface Isolation {
  readonly name: IsolationName;
  /** What it keeps scripts from, for people. */
  readonly holds: readonly string[];
  /** What it does not. */
  readonly open: readonly string[];
  /** How a script gets at its data: `bind` shows a directory of this machine as it is, `link` leads to a copy. */
  readonly input: 'bind' | 'link';
  /**
   * The command that runs a placed script.
   *
   * @throws ApplicationFailure of type `IsolationUnavailable` when something that the script needs is not there
   */
  command(placement: Placement): Promise<IsolatedCommand>;
  /** Arguments of one GPU, once leased, for `{gpu-devices}`. */
  gpuArguments(gpu: Gpu): readonly string[];
}

/** Stands in a command for the arguments of the GPUs that get leased. */
export const GPU_DEVICES = '{gpu-devices}';
