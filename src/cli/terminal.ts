/** A terminal that can be drawn on. */
export interface Terminal {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };
  /** Whether colours are wanted; see https://no-color.org. */
  readonly coloured: boolean;
}

/** Size of a terminal that does not tell its own. */
const USUAL = { columns: 80, rows: 24 } as const;

/** The terminal behind a stream; null for a pipe, a file, or a terminal that cannot move its cursor. */
export function findTerminal(
  stream: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal | null {
  // Typed as true, but undefined where the stream is no terminal.
  if (!(stream.isTTY as boolean | undefined) || environment['TERM'] === 'dumb') return null;
  return { stream, coloured: !environment['NO_COLOR'] };
}

export function terminalSize({ stream }: Terminal): { readonly columns: number; readonly rows: number } {
  return { columns: stream.columns ?? USUAL.columns, rows: stream.rows ?? USUAL.rows };
}

/** How wide a line may be; null where none is too wide. */
export function columnsOf(terminal: Terminal | null): number | null {
  return terminal === null ? null : terminalSize(terminal).columns;
}
