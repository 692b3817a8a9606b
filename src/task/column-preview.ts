import { z } from 'zod';
import type { ColumnPreview, ColumnType } from '../domain/preview';
import { EXAMPLE_LENGTH, EXAMPLES } from './table-sql';

/** Infinite and undefined results come as text; they are left out, as JSON has no numbers for them. */
const finiteSchema = z
  .unknown()
  .transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));

const limitSchema = z.union([z.string(), finiteSchema]);

/** What one query tells of a column. */
export const statisticsSchema = z.object({
  present: z.number(),
  distinct: z.number(),
  min: limitSchema.optional(),
  max: limitSchema.optional(),
  avg: finiteSchema.optional(),
  frequent: z.array(z.string()).nullable().optional(),
  /** Of a column that was given a meaning: how many values have it. */
  understood: z.number().optional(),
});
export type ColumnStatistics = z.infer<typeof statisticsSchema>;

/** All that was found of a column. */
interface ColumnFindings {
  readonly name: string;
  readonly type: ColumnType;
  readonly rows: number;
  readonly statistics: ColumnStatistics;
  /** Values of the first rows as they stand in the file. */
  readonly values: readonly (string | null)[];
  readonly dateFormats: readonly string[];
}

/** Brings the findings of a column into the preview's shape. */
export function describeColumn({ name, type, rows, statistics, values, dateFormats }: ColumnFindings): ColumnPreview {
  const frequent = statistics.frequent ?? [];
  const examples = type === 'text' ? frequent : firstDistinct(values);
  return {
    name,
    type: isBoolean(type, frequent, statistics.distinct) ? 'boolean' : type,
    missing: Math.max(0, rows - statistics.present),
    distinct: Math.min(statistics.distinct, statistics.present),
    minimum: limitOf(type, statistics.min),
    maximum: limitOf(type, statistics.max),
    mean: statistics.avg ?? null,
    examples: examples.map(cut),
    dateFormats: [...dateFormats],
  };
}

/** Numbers of a number column may come as text when they are infinite. */
function limitOf(type: ColumnType, value: string | number | null | undefined): string | number | null {
  if (value === undefined || value === null) return null;
  return (type === 'integer' || type === 'number') && typeof value === 'string' ? null : value;
}

function isBoolean(type: ColumnType, frequent: readonly string[], distinct: number): boolean {
  const allSeen = distinct > 0 && distinct <= frequent.length;
  return type === 'text' && allSeen && frequent.every((value) => /^(true|false)$/i.test(value));
}

function firstDistinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))].slice(0, EXAMPLES);
}

function cut(text: string): string {
  return Array.from(text).slice(0, EXAMPLE_LENGTH).join('');
}
