import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { BareWorkplace } from './coppice-command';
import { TerminalScreen } from './terminal-screen';
import { waitUntil } from './wait-until';

const RUNNER = path.join(__dirname, 'run_on_terminal.py');
const COMMAND = path.resolve(__dirname, '..', '..', 'bin', 'coppice.js');

/** A coppice command at work on a terminal of its own. */
export interface TerminalCommand {
  readonly screen: TerminalScreen;
  /** Exit status of the command. */
  readonly ended: Promise<number | null>;
  readonly resize: (columns: number, rows: number) => void;
  /** Waits until what is to be seen fits the pattern. */
  readonly waitFor: (pattern: RegExp) => Promise<void>;
}

/** Starts `coppice …words` on a terminal of that size, by Python's `pty`. */
export function startOnTerminal(
  { environment, root }: BareWorkplace,
  words: readonly string[],
  more: Readonly<Record<string, string>>,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): TerminalCommand {
  const command = [RUNNER, String(columns), String(rows), process.execPath, COMMAND, ...words];
  const child = spawn('python3', command, {
    env: { ...environment, TERM: 'xterm-256color', ...more },
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const screen = new TerminalScreen(columns, rows);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen.write(text);
  });
  return {
    screen,
    ended: once(child, 'close').then(() => child.exitCode),
    resize: (newColumns, newRows) => {
      screen.resize(newColumns, newRows);
      child.stdin.write(`resize ${newColumns} ${newRows}\n`);
    },
    waitFor: async (pattern) => {
      const isSeen = (): boolean => pattern.test(screen.visible.join('\n'));
      await waitUntil(`${String(pattern)} on the terminal`, isSeen).catch((error: unknown) => {
        throw new Error(`${String(pattern)} is not to be seen:\n${screen.all.join('\n')}`, { cause: error });
      });
    },
  };
}
