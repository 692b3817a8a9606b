/** One row of a made-up table of houses, whose price follows from the other columns. */
export interface House {
  readonly id: number;
  readonly size: number;
  readonly rooms: number;
  readonly colour: string;
  /** Days since 2020-01-01. */
  readonly day: number;
  readonly note: string;
  readonly price: number;
}

const COLOURS = ['red', 'green', 'blue', 'white'] as const;
const WORDS = ['sunny', 'quiet', 'central', 'garden', 'old', 'renovated', 'large', 'cheap'] as const;

/** Rows that are the same each time; a model that looks at size, rooms and colour predicts the price well. */
export function houses(count: number, seed = 1): readonly House[] {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, index): House => {
    const size = 30 + Math.round(next() * 2000) / 10;
    const rooms = 1 + Math.floor(next() * 6);
    const place = Math.floor(next() * COLOURS.length);
    const words = Array.from({ length: 4 }, () => WORDS[Math.floor(next() * WORDS.length)] ?? '');
    const day = Math.floor(next() * 1500);
    const garden = words.includes('garden') ? 40 : 0;
    const price = 20 + 2.5 * size + 30 * rooms + 25 * place + garden + Math.round(next() * 100) / 10;
    return {
      id: index + 1,
      size,
      rooms,
      colour: COLOURS[place] ?? 'red',
      day,
      note: words.join(' '),
      price: Math.round(price * 10) / 10,
    };
  });
}

/** A day as text: `pattern` has `yyyy`, `mm` and `dd`. */
export function dayText(day: number, pattern: string): string {
  const [year = '', month = '', date = ''] = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10).split('-');
  return pattern.replace('yyyy', year).replace('mm', month).replace('dd', date);
}

/** How a table is written. */
export interface Writing {
  readonly delimiter?: string;
  readonly lineEnd?: string;
}

type Cell = string | number | null;

/** A table as text; cells with a delimiter, quote or line break are quoted. */
export function table(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  { delimiter = ',', lineEnd = '\n' }: Writing = {},
): string {
  const quoted = (cell: Cell): string => {
    const text = cell === null ? '' : String(cell);
    return text.includes(delimiter) || /["\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => row.map(quoted).join(delimiter)).join(lineEnd) + lineEnd;
}

/** A linear congruential generator: not good numbers, but the same everywhere. */
function numbers(seed: number): () => number {
  let state = (seed * 2654435761) % 4294967296;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
