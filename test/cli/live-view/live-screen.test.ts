import { PassThrough } from 'node:stream';
import { LiveScreen } from '../../../src/cli/live-view/live-screen';
import type { Terminal } from '../../../src/cli/terminal';
import { TerminalScreen } from '../../helpers/terminal-screen';
import { captureContext } from '../command-harness';

interface Shown {
  readonly live: LiveScreen;
  readonly terminal: TerminalScreen;
  readonly resize: (columns: number, rows: number) => void;
  /** Writes as the command itself would, past the view. */
  readonly write: (line: string) => void;
  /** All that the terminal got so far, with its control characters. */
  readonly written: () => string;
}

function openTerminal(columns: number, rows: number): Shown {
  const terminal = new TerminalScreen(columns, rows);
  const stream = Object.assign(new PassThrough(), { columns, rows, isTTY: true });
  let written = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    // A terminal begins a new line at its left.
    terminal.write(text.replaceAll('\n', '\r\n'));
  });
  const shown: Terminal = { stream, coloured: false };
  return {
    live: new LiveScreen(shown),
    terminal,
    resize: (newColumns, newRows) => {
      Object.assign(stream, { columns: newColumns, rows: newRows });
      terminal.resize(newColumns, newRows);
      stream.emit('resize');
    },
    write: (line) => void stream.write(`${line}\n`),
    written: () => written,
  };
}

test('each frame takes the place of the one before, also when it is lower; what stood above stays', () => {
  const { live, terminal, write } = openTerminal(40, 10);
  write('$ coppice run');
  live.show(() => ['one', 'two', 'three']);
  live.show(() => ['four', 'five']);

  expect(terminal.all.filter((line) => line !== '')).toEqual(['$ coppice run', 'four', 'five']);
});

test('lines written meanwhile stand above the frame', () => {
  const { live, terminal, write } = openTerminal(40, 10);
  const context = live.talkingAbove({ ...captureContext({}).context, print: write, note: write });
  context.print('before');
  live.show(() => ['frame']);
  context.print('the server was gone and runs again');
  context.note('leaving');
  live.show(() => ['next frame']);

  expect(terminal.all).toEqual(['before', 'the server was gone and runs again', 'leaving', 'next frame', '']);
});

test('the last frame stays when the view is closed, and lines follow it', () => {
  const { live, terminal, write } = openTerminal(40, 10);
  live.show(() => ['last frame']);
  live.close();
  live.close();
  write('best 0.5');

  expect(terminal.all).toEqual(['last frame', 'best 0.5', '']);
});

test('a new size of the terminal does not bring a closed view back', () => {
  const { live, resize, written } = openTerminal(40, 10);
  live.show(() => ['last frame']);
  live.close();
  const before = written();
  resize(20, 6);

  expect(written()).toBe(before);
});

test('a new size of the terminal draws anew at once, in that size', () => {
  const { live, terminal, resize } = openTerminal(40, 10);
  live.show(({ columns, rows }) => [`${columns} by ${rows}`, 'x'.repeat(columns)]);
  resize(20, 6);

  expect(terminal.visible.filter((line) => line !== '')).toEqual(['20 by 5', 'x'.repeat(20)]);
  resize(60, 8);
  expect(terminal.visible.filter((line) => line !== '')).toEqual(['60 by 7', 'x'.repeat(60)]);
});

test('a line that the terminal finds wider than it was reckoned does not push the frame apart', () => {
  const { live, terminal } = openTerminal(12, 10);
  terminal.resize(10, 10);
  live.show(() => ['0123456789ab', 'below']);
  live.show(() => ['0123456789ab', 'below 2']);

  expect(terminal.all).toEqual(['012345678b', 'below 2', '']);
});
