/** The two messages of a prompt. */
export const PARTS = ['system', 'user'] as const;
export type Part = (typeof PARTS)[number];

/** A line that begins a part: `--- system ---`. */
const HEADING = /^--- (\w+) ---[ \t]*$/;

/** A line with nothing but a tag, of which nothing is to stay: neither its indentation nor its end. */
const TAG_ALONE = /^[ \t]*\{%-?((?:(?!%\}).)*?)-?%\}[ \t]*$/gm;

export type SplitTemplate =
  | { readonly ok: true; readonly parts: Readonly<Record<Part, string>> }
  | { readonly ok: false; readonly line: number; readonly problem: string };

/**
 * Splits the text of a template at the lines `--- system ---` and `--- user ---`. Each part keeps its place in the
 * file (empty lines stand before it), so that a mistake is named by the file's own line.
 */
export function splitTemplate(text: string): SplitTemplate {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const headings = lines.flatMap((line, index) => {
    const name = HEADING.exec(line)?.[1];
    return name === undefined ? [] : [{ name, index }];
  });
  const unknown = headings.find(({ name }) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) {
    return { ok: false, line: unknown.index + 1, problem: `there is no part "${unknown.name}", only system and user` };
  }
  const [system, user, more] = headings;
  if (system?.name !== 'system' || user?.name !== 'user' || more !== undefined) {
    const line = (more ?? system)?.index ?? 0;
    return { ok: false, line: line + 1, problem: 'expected one line "--- system ---" and after it one "--- user ---"' };
  }
  return {
    ok: true,
    parts: { system: between(lines, system.index, user.index), user: between(lines, user.index, lines.length) },
  };
}

/** A template's text as it is parsed: a line that holds nothing but a tag leaves nothing behind. */
export function withoutTagLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(TAG_ALONE, '{%-$1-%}');
}

/** The same of a template that others include: whole lines take the place of the line that includes it. */
export function includedText(text: string): string {
  return withoutTagLines(`${text.trimEnd()}\n`);
}

function between(lines: readonly string[], heading: number, end: number): string {
  return '\n'.repeat(heading + 1) + lines.slice(heading + 1, end).join('\n');
}
