import { createCommandContext } from '../../src/cli/command-context';
import { jsonText } from '../../src/cli/print-json';
import { colouredText, plainText } from '../../src/domain/plain-text';

const COLOURED = 'a \u001b[31mred\u001b[0m b';

describe('of a text that a terminal is to show', () => {
  it.each([
    ['a cleared screen', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
    ['the window named, ended by BEL or ST', 'a\u001b]0;evil title\u0007b\u001b]2;x\u001b\\c', 'abc'],
    ['a link', '\u001b]8;;http://x\u001b\\here\u001b]8;;\u001b\\', 'here'],
    ['a string that does not end', 'a\u001b]0;evil\nb', 'a\nb'],
    ['a device control string', 'a\u001bP1$r\u001b\\b', 'ab'],
    ['eight-bit controls', 'a\u009b2Jb\u009d0;t\u009cc\u0085d', 'abcd'],
    ['a reset and a charset', 'a\u001bcb\u001b(0c', 'abc'],
    ['single controls', 'a\rb\bc\u0007d\u007fe', 'abcde'],
    ['turned writing', 'a\u202eb\u2066c', 'abc'],
    ['a sequence broken off', 'a\u001b[3', 'a'],
  ])('%s is left out', (_name, text, expected) => {
    expect(plainText(text)).toBe(expected);
    expect(colouredText(text)).toBe(expected);
  });

  it.each(['tabs\tand\nlines', '価格 🌲 é', 'x[31m = y[0]', ''])('%j stays', (text) => {
    expect(plainText(text)).toBe(text);
    expect(colouredText(text)).toBe(text);
  });

  it('colours stay where they are wanted, and end with it', () => {
    expect(plainText(COLOURED)).toBe('a red b');
    expect(colouredText(COLOURED)).toBe(`${COLOURED}\u001b[0m`);
    expect(colouredText('\u001b[8mhidden')).toBe('\u001b[8mhidden\u001b[0m');
  });
});

test('no command prints what would steer a terminal, and JSON loses nothing of it', () => {
  const { print, write, note } = createCommandContext({ COPPICE_HOME: '/nowhere', COPPICE_STORE: '/nowhere' }, '/');
  const written: string[] = [];
  const take = (text: unknown): boolean => written.push(String(text)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(take));
  try {
    print('a\u001b[2Jb');
    write('10 %\r20 %\u001b]0;t\u0007\r\n');
    note('c\u001b[31md');
    print(jsonText({ text: 'e\u001b\u009b\u202e' }));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(written.slice(0, 3)).toEqual(['ab\n', '10 %\n20 %\n', 'cd\n']);
  expect(['\u001b', '\u009b', '\u202e'].filter((control) => written[3]?.includes(control))).toEqual([]);
  expect(JSON.parse(written[3] ?? '')).toEqual({ text: 'e\u001b\u009b\u202e' });
});
