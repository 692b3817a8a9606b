/** A fenced block of a Markdown text. */
export interface CodeBlock {
  /** The first word after the opening fence in lower case; empty when there is none. */
  readonly language: string;
  readonly code: string;
  /** False when the text ended before the closing fence. */
  readonly closed: boolean;
  /** Index of the opening fence's line, and of the line after the closing fence. */
  readonly startLine: number;
  readonly endLine: number;
}

const OPENING = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/;

/** The fenced blocks of a text, in order. */
export function codeBlocks(text: string): CodeBlock[] {
  const lines = text.split('\n');
  const blocks: CodeBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const opening = OPENING.exec(lines[index] ?? '');
    if (opening === null) continue;
    const end = closingLine(lines, index + 1, opening[1] ?? '```');
    blocks.push({
      language: (opening[2] ?? '').toLowerCase(),
      code: lines.slice(index + 1, end).join('\n'),
      closed: end < lines.length,
      startLine: index,
      endLine: Math.min(end + 1, lines.length),
    });
    index = end;
  }
  return blocks;
}

/** Index of the line that closes the fence; the number of lines when none does. */
function closingLine(lines: readonly string[], from: number, fence: string): number {
  const index = lines.findIndex((line, position) => {
    const trimmed = line.trim();
    return position >= from && trimmed.length >= fence.length && trimmed === fence.charAt(0).repeat(trimmed.length);
  });
  return index === -1 ? lines.length : index;
}
