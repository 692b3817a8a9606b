import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ATTEMPT_VARIABLE } from './process-tree';

/** What a script's environment is made from. */
export interface ScriptSurroundings {
  readonly pythonPath: string;
  readonly homeDirectory: string;
  readonly temporaryDirectory: string;
  readonly token: string;
  /** Scripts that run at once; they share the cores. */
  readonly parallel: number;
}

/** The whole environment of a script: a short list of names, nothing of this process's own environment. */
export function scriptEnvironment(surroundings: ScriptSurroundings): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(availableParallelism() / surroundings.parallel)));
  return {
    PATH: [path.dirname(surroundings.pythonPath), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
    HOME: surroundings.homeDirectory,
    TMPDIR: surroundings.temporaryDirectory,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
    MPLBACKEND: 'Agg',
    OMP_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    NUMEXPR_NUM_THREADS: threads,
    LOKY_MAX_CPU_COUNT: threads,
    [ATTEMPT_VARIABLE]: surroundings.token,
  };
}
