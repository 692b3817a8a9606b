import path from 'node:path';
import type { ScriptVariant } from '../domain/script-variant';
import { ATTEMPT_VARIABLE } from './process-tree';

/** What a script's environment is made from; paths are those that the script itself sees. */
export interface ScriptSurroundings {
  readonly pythonPath: string;
  readonly homeDirectory: string;
  readonly temporaryDirectory: string;
  readonly token: string;
  /** Threads that numeric libraries start. */
  readonly threads: number;
  /** Value of COPPICE_SEED; null leaves it out. */
  readonly seed: number | null;
}

/** Each library that brings threads of its own asks another variable. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'MKL_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'NUMEXPR_MAX_THREADS',
  'NUMBA_NUM_THREADS',
  'POLARS_MAX_THREADS',
  'RAYON_NUM_THREADS',
  'LOKY_MAX_CPU_COUNT',
] as const;

/** The whole environment of a script: a short list of names, nothing of this process's own environment. */
export function scriptEnvironment(surroundings: ScriptSurroundings): Record<string, string> {
  const threads = String(surroundings.threads);
  return {
    PATH: [path.dirname(surroundings.pythonPath), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
    HOME: surroundings.homeDirectory,
    TMPDIR: surroundings.temporaryDirectory,
    USER: 'coppice',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
    MPLBACKEND: 'Agg',
    ...Object.fromEntries(THREAD_VARIABLES.map((name) => [name, threads])),
    ...(surroundings.seed === null ? {} : { COPPICE_SEED: String(surroundings.seed) }),
    [ATTEMPT_VARIABLE]: surroundings.token,
  };
}

/** The number that a script is to seed its draws with; null for the runs that keep its own. */
export function seedOf(variant: ScriptVariant): number | null {
  return variant === 'node' || variant === 'refit' ? null : Number(variant.slice('seed-'.length));
}
