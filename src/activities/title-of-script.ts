const MOST_CHARACTERS = 200;

/** What says nothing about a script: how to run it, in which encoding it is, which editor wrote it. */
const NO_TITLE = /^#(!|.*\bcoding[:=]|\s*(vim?|emacs|mypy|ruff|flake8|pylint|noqa|type):)|^#[\s#=*-]*$/;

/** What a script calls itself: the first line of its docstring, or of the comment that it begins with. */
export function titleOfScript(code: string): string {
  const lines = code.split(/\r?\n/).map((line) => line.trim());
  const start = lines.findIndex((line) => line !== '' && !NO_TITLE.test(line));
  const first = lines[start] ?? '';
  const words = first.startsWith('#') ? first.replace(/^#+\s*/, '') : docstringLine(lines.slice(start));
  return words === '' ? "a script of a person's" : words.slice(0, MOST_CHARACTERS);
}

/** The first line with words of the string that a module begins with; empty when it begins with something else. */
function docstringLine([first = '', ...rest]: readonly string[]): string {
  const opened = /^[rRuU]?("""|''')(.*)$/.exec(first);
  if (opened === null) return /^(["'])(.+)\1$/.exec(first)?.[2]?.trim() ?? '';
  const [, quotes = '', text = ''] = opened;
  const lines = [text, ...rest];
  const end = lines.findIndex((line) => line.includes(quotes));
  const inside = end === -1 ? [] : [...lines.slice(0, end), (lines[end] ?? '').split(quotes)[0] ?? ''];
  return inside.map((line) => line.trim()).find((line) => line !== '') ?? '';
}
