import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { HostileScript, Outcome } from './hostile-script';

const DOCUMENT = path.resolve(__dirname, '..', '..', 'docs', 'hosts.md');
const BEGIN = '<!-- hostile scripts: written by npm run bench:hostile -->';
const END = '<!-- end of hostile scripts -->';

/** The table of `docs/hosts.md`, laid out as prettier does it. */
export function hostileTable(scripts: readonly HostileScript[]): string {
  const rows = [
    ['a script that …', 'bubblewrap', 'process'],
    ...scripts.map(({ name, outcome }) => [name, cell(outcome.bubblewrap), cell(outcome.process)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** Puts the table between its markers in `docs/hosts.md`. */
export async function writeTable(table: string): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has no place for the table`);
  await writeFile(DOCUMENT, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}

function cell({ reason, became }: Outcome): string {
  return reason === null ? `works: ${became}` : `\`${reason}\`: ${became}`;
}
