/** A piece of Python: an expression and the import lines it needs. */
export interface Python {
  readonly code: string;
  readonly imports: readonly string[];
}

export type PythonValue = string | number | boolean | null;

/**
 * A Python literal. JSON's escapes are Python's too; backticks are escaped as well, so that no column name can end the
 * fenced block that the script travels in.
 */
export function literal(value: PythonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value).replaceAll('`', '\\u0060');
}

/** Longest line that is not broken up. */
export const LINE_WIDTH = 100;

/** `NAME = [...]`, on one line when it fits, else one value a line. */
export function listAssignment(name: string, values: readonly string[]): string {
  const items = values.map(literal);
  const line = `${name} = [${items.join(', ')}]`;
  if (line.length <= LINE_WIDTH) return line;
  return `${name} = [\n${items.map((item) => `    ${item},\n`).join('')}]`;
}

/** A call with keyword arguments; values are literals, or Python expressions given as `{ raw }`. */
export function call(
  imported: { readonly module: string; readonly name: string },
  keywords: Readonly<Record<string, PythonValue | { readonly raw: string }>> = {},
): Python {
  const written = Object.entries(keywords).map(([key, value]) => {
    const code = typeof value === 'object' && value !== null ? value.raw : literal(value);
    return `${key}=${code}`;
  });
  const line = `${imported.name}(${written.join(', ')})`;
  const code = line.length <= LINE_WIDTH ? line : `${imported.name}(\n${indent(written.join(',\n'), 4)},\n)`;
  return { code, imports: [`from ${imported.module} import ${imported.name}`] };
}

export function indent(code: string, width: number): string {
  const margin = ' '.repeat(width);
  return code
    .split('\n')
    .map((line) => (line === '' ? line : margin + line))
    .join('\n');
}

/** Import lines merged by module and sorted: plain imports first, then `from` imports. */
export function importLines(imports: readonly string[]): string[] {
  const plain = new Set<string>();
  const names = new Map<string, Set<string>>();
  for (const line of imports) {
    const from = /^from (\S+) import (\S+)$/.exec(line);
    if (from?.[1] === undefined || from[2] === undefined) plain.add(line);
    else names.set(from[1], (names.get(from[1]) ?? new Set<string>()).add(from[2]));
  }
  const merged = [...names].sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    ...[...plain].sort(),
    ...merged.map(([module, found]) => `from ${module} import ${[...found].sort().join(', ')}`),
  ];
}
