import type { TableReading } from '../domain/preview';

/** How the numbers of a table are written. */
export type NumberMarks = Pick<TableReading, 'decimal' | 'thousands'>;

export const PLAIN_MARKS: NumberMarks = { decimal: '.', thousands: null };

type Thousands = NonNullable<NumberMarks['thousands']>;

/** What the values of one column allow. */
interface Evidence {
  /** Values that only a comma as decimal mark explains: `0,5`. */
  readonly decimalCommas: number;
  /** Values that a comma explains as either mark: `1,234`. */
  readonly eitherMark: number;
  /** Values that only a point as decimal mark explains: `0.5`. */
  readonly decimalPoints: number;
  readonly thousands: ReadonlySet<Thousands>;
  /** Whether all its values are numbers, however written. */
  readonly numbers: boolean;
}

const GROUPED = /^[+-]?\d{1,3}(?:([.,' \u00a0\u202f])\d{3})+(?:([.,])\d+)?$/;
const SIMPLE = /^[+-]?\d*(?:([.,])(\d+))?(?:[eE][+-]?\d+)?$/;

/**
 * How the numbers in a table are written, by the texts in its columns. A comma with three digits after it may be either
 * mark; other columns decide, else the delimiter: where that is a comma or a tab people write `1,234` for a thousand
 * and a bit. pandas takes one answer for a whole table; where columns contradict each other, most decide.
 */
export function numberMarks(columns: readonly (readonly string[])[], delimiter: string): NumberMarks {
  const found = columns.map(evidenceOf).filter(({ numbers }) => numbers);
  const count = (holds: (evidence: Evidence) => boolean): number => found.filter(holds).length;
  const commas = count(({ decimalCommas }) => decimalCommas > 0);
  const points = count(({ decimalPoints }) => decimalPoints > 0);
  const either = count(({ decimalCommas, eitherMark }) => decimalCommas === 0 && eitherMark > 0);
  const unclear = delimiter === ';' && points === 0 && !hasThousands(found, '.') ? either : 0;
  const decimal = commas + unclear > points ? ',' : '.';
  return { decimal, thousands: thousandsBeside(decimal, found, points) };
}

function thousandsBeside(decimal: '.' | ',', found: readonly Evidence[], points: number): Thousands | null {
  if (decimal === ',' && points === 0 && hasThousands(found, '.')) return '.';
  if (decimal === '.' && hasThousands(found, ',')) return ',';
  if (hasThousands(found, ' ')) return ' ';
  return hasThousands(found, "'") ? "'" : null;
}

function hasThousands(found: readonly Evidence[], mark: Thousands): boolean {
  return found.some(({ thousands }) => thousands.has(mark));
}

function evidenceOf(values: readonly string[]): Evidence {
  const thousands = new Set<Thousands>();
  let [decimalCommas, decimalPoints, eitherMark] = [0, 0, 0];
  for (const value of values) {
    const text = value.trim();
    const [, group, fraction] = GROUPED.exec(text) ?? [];
    if (group !== undefined) {
      const mark = group === '\u00a0' || group === '\u202f' ? ' ' : group;
      // 1.234 is a number like any other; grouped it is in 1.234.567 and 1.234,5.
      const certain = fraction !== undefined || text.split(group).length > 2;
      if (group === ',' && !certain) eitherMark++;
      if (isThousands(mark) && (certain || mark !== '.')) thousands.add(mark);
      if (fraction === ',') decimalCommas++;
      if (fraction === '.') decimalPoints++;
      continue;
    }
    const simple = /\d/.test(text) ? SIMPLE.exec(text) : null;
    if (simple === null) return { decimalCommas, decimalPoints, eitherMark, thousands, numbers: false };
    if (simple[1] === ',') decimalCommas++;
    if (simple[1] === '.') decimalPoints++;
  }
  // A comma that parts decimals in one value of a column parts none of the thousands in another.
  if (decimalCommas > 0) thousands.delete(',');
  return { decimalCommas, decimalPoints, eitherMark, thousands, numbers: values.length > 0 };
}

function isThousands(mark: string): mark is Thousands {
  return [',', '.', ' ', "'"].includes(mark);
}
