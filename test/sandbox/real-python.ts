import { execFileSync } from 'node:child_process';

/** The interpreter itself: what lies on PATH may be a wrapper that needs the environment of this process. */
export function realPython(): string {
  return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}
