import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

const COLOURS = ['red', 'green', 'blue', 'grey'];
const PRAISE = [
  'lovely bright rooms with a view',
  'sunny and quiet with a fine garden',
  'charming house near the park',
];
const BLAME = [
  'damp cellar and a noisy road',
  'needs repairs and new windows soon',
  'dark rooms beside the railway line',
];

/** Houses whose price follows from their size, colour, age and description; the same ones each time. */
export function houses(count: number): readonly Row[] {
  const generator = xoroshiro128plus(7);
  const draw = (): number => uniformFloat64(generator);
  return Array.from({ length: count }, (_, index) => {
    const size = Math.round(400 + 1600 * draw()) / 10;
    const colour = COLOURS[Math.floor(4 * draw())] ?? 'red';
    const praised = draw() < 0.5;
    const words = praised ? PRAISE : BLAME;
    const text = [words[Math.floor(3 * draw())], `number ${index}`, words[Math.floor(3 * draw())]].join(', ');
    const day = new Date(Date.UTC(2019, 0, 1 + Math.floor(1500 * draw()))).toISOString().slice(0, 10);
    const price = 1000 * size + (colour === 'red' ? 20_000 : 0) + (praised ? 30_000 : 0) + 8000 * draw();
    return {
      id: index + 1,
      size,
      rooms: draw() < 0.1 ? null : 1 + Math.floor(6 * draw()),
      colour,
      sold: day,
      text,
      price: Math.round(price * 100) / 100,
    };
  });
}

/** The rows without some columns. */
export function without(rows: readonly Row[], ...names: readonly string[]): readonly Row[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));
}

/** CSV with every field quoted that needs it. */
export function csv(
  rows: readonly Row[],
  { separator = ',', decimal = '.' }: { readonly separator?: string; readonly decimal?: string } = {},
): string {
  const field = (cell: Cell): string => {
    const text = cell === null ? '' : typeof cell === 'number' ? String(cell).replace('.', decimal) : cell;
    return /["\n\r]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))];
  return lines.map((cells) => `${cells.map(field).join(separator)}\n`).join('');
}
