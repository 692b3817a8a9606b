import { shellWord } from '../report/shell-word';
import type { RunState } from './json-output';

/** The command that makes an unfinished run go on where it stands still; null when it needs none. */
export function howToGoOn(runId: string, state: RunState): string | null {
  switch (state) {
    case 'paused':
      return `coppice resume ${shellWord(runId)}`;
    case 'interrupted':
    case 'failed':
    case 'terminated':
      return `coppice resume ${shellWord(runId)}, with \`coppice worker\` running, or the \`coppice run\` line that began it`;
    case 'running':
    case 'finished':
    case 'cancelled':
      return null;
  }
}
