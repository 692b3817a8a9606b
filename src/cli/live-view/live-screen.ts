import logUpdate from 'log-update';
import type { CommandContext } from '../command-context';
import type { Terminal } from '../terminal';
import { terminalSize } from '../terminal';

const CLEAR_SCREEN = '\u001b[2J\u001b[H';

/** Terminals disagree on how wide some characters are: what is too wide must not begin a line of its own. */
const NO_WRAPPING = '\u001b[?7l';
const WRAPPING = '\u001b[?7h';

/** A screen on standard output; null where lines are all that it takes. */
export function openScreen({ terminal }: CommandContext): LiveScreen | null {
  return terminal === null ? null : new LiveScreen(terminal);
}

/**
 * The lower part of a terminal, drawn anew in place; lines written meanwhile stand above it and stay.
 *
 * Whoever makes one has to `close` it: it hides the cursor.
 */
export class LiveScreen {
  private readonly update: logUpdate.LogUpdate;
  private frame: readonly string[] | null = null;
  private redraw: (() => void) | null = null;

  constructor(private readonly terminal: Terminal) {
    this.update = logUpdate.create(terminal.stream);
  }

  /** Draws at once, and again whenever the terminal changes its size. */
  show(draw: (size: { readonly columns: number; readonly rows: number }) => readonly string[]): void {
    if (this.redraw === null) this.terminal.stream.on('resize', this.onResize);
    this.redraw = () => {
      const { columns, rows } = terminalSize(this.terminal);
      // The cursor stands in a line of its own below the frame.
      this.frame = draw({ columns, rows: Math.max(1, rows - 1) });
      this.put(this.frame);
    };
    this.redraw();
  }

  get coloured(): boolean {
    return this.terminal.coloured;
  }

  /** The same context, whose lines stand above the frame. */
  talkingAbove(context: CommandContext): CommandContext {
    return {
      ...context,
      print: (line) => {
        this.above(() => {
          context.print(line);
        });
      },
      note: (line) => {
        this.above(() => {
          context.note(line);
        });
      },
    };
  }

  /** Writes lines above the frame, by `write`, so that they stay when the frame changes. */
  private above(write: () => void): void {
    if (this.frame === null) {
      write();
      return;
    }
    this.update.clear();
    write();
    this.put(this.frame);
  }

  private put(frame: readonly string[]): void {
    const { stream } = this.terminal;
    stream.write(NO_WRAPPING);
    this.update(frame.join('\n'));
    stream.write(WRAPPING);
  }

  /** Leaves the frame as it stands and gives the cursor back. */
  close(): void {
    if (this.redraw === null) return;
    this.terminal.stream.off('resize', this.onResize);
    this.update.done();
    this.frame = null;
    this.redraw = null;
  }

  /** How many lines the old frame takes in the new width is the terminal's secret: a clean screen is safe. */
  private readonly onResize = (): void => {
    if (this.redraw === null) return;
    this.update.done();
    this.terminal.stream.write(CLEAR_SCREEN);
    this.redraw();
  };
}
