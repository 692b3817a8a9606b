import stringWidth from 'string-width';

/**
 * What a terminal shows: just enough of one for lines that are written, erased and written anew. Lines that scroll off
 * the top are kept.
 */
export class TerminalScreen {
  private readonly lines: string[][] = [[]];
  private row = 0;
  private column = 0;
  private wraps = true;
  private pending = '';

  constructor(
    private columns: number,
    private rows: number,
  ) {}

  write(text: string): void {
    this.pending += text;
    // eslint-disable-next-line no-control-regex -- control characters are what is read here
    const token = /\u001b\[([?0-9;]*)([A-Za-z])|\u001b[^[]|[\r\n\b\u0007]|[^\u001b\r\n\b\u0007]/gsuy;
    for (;;) {
      // eslint-disable-next-line no-control-regex -- as above
      const isCutOff = /^\u001b(?:\[[?0-9;]*)?$/.test(this.pending.slice(token.lastIndex));
      const found = isCutOff ? null : token.exec(this.pending);
      if (found === null) break;
      this.obey(found[0], found[1] ?? '', found[2] ?? '');
      this.pending = this.pending.slice(token.lastIndex);
      token.lastIndex = 0;
    }
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
  }

  /** All lines, those that scrolled off first. */
  get all(): string[] {
    return this.lines.map((line) => line.join('').trimEnd());
  }

  /** The lines that are to be seen. */
  get visible(): string[] {
    return this.all.slice(this.top);
  }

  private get top(): number {
    return Math.max(0, this.lines.length - this.rows);
  }

  private obey(token: string, parameters: string, final: string): void {
    if (token === '\r') this.column = 0;
    else if (token === '\n') this.moveTo(this.row + 1);
    else if (token === '\b') this.column = Math.max(0, this.column - 1);
    else if (final !== '') this.control(parameters, final);
    else if (!token.startsWith('\u001b') && token !== '\u0007') this.put(token);
  }

  private control(parameters: string, final: string): void {
    const count = Number(parameters === '' ? 1 : parameters);
    switch (final) {
      case 'A':
        this.row = Math.max(this.top, this.row - count);
        break;
      case 'G':
        this.column = count - 1;
        break;
      case 'H':
        this.row = this.top;
        this.column = 0;
        break;
      case 'J':
        this.lines.splice(this.top, this.rows, ...Array.from({ length: this.rows }, () => []));
        break;
      case 'K':
        this.lines[this.row] = [];
        break;
      case 'h':
      case 'l':
        if (parameters === '?7') this.wraps = final === 'h';
        break;
      default:
    }
  }

  private put(character: string): void {
    const width = stringWidth(character);
    if (this.column + width > this.columns) {
      if (this.wraps) {
        this.moveTo(this.row + 1);
        this.column = 0;
      } else this.column = this.columns - width;
    }
    const line = this.lines[this.row] ?? [];
    while (line.length < this.column) line.push(' ');
    line[this.column] = character;
    if (width === 2) line[this.column + 1] = '';
    this.column += width;
  }

  private moveTo(row: number): void {
    while (this.lines.length <= row) this.lines.push([]);
    this.row = row;
  }
}
