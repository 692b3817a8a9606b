import type { TableFormat } from '../domain/preview';
import { dateFormatsOf } from './date-formats';
import { numberMarks, PLAIN_MARKS } from './number-marks';
import type { NumberMarks } from './number-marks';
import type { SqlColumn } from './table-sql';

/** Columns as they are to be understood, and how the numbers of the whole table are written. */
export interface Understood {
  readonly columns: readonly SqlColumn[];
  readonly marks: NumberMarks;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Gives columns of text a meaning where their first values are numbers with a comma or thousands, or dates, in a way
 * that the database does not see by itself. Whether all rows bear it out is for the caller to find.
 *
 * @param values for each column its first values that are not missing
 */
export function understand(
  columns: readonly SqlColumn[],
  values: readonly (readonly string[])[],
  table: { readonly format: TableFormat; readonly delimiter: string },
): Understood {
  // Numbers in Parquet and JSON are numbers; what is text there stays text for pandas, too.
  const marks = table.format === 'csv' ? numberMarks(values, table.delimiter) : PLAIN_MARKS;
  return { marks, columns: columns.map((column, index) => meaningOf(column, values[index] ?? [], marks)) };
}

function meaningOf(column: SqlColumn, values: readonly string[], marks: NumberMarks): SqlColumn {
  if (values.length === 0 || column.nested) return column;
  if (column.type === 'date' || column.type === 'timestamp') {
    const dates = dateFormatsOf(values);
    return dates === null || dates.formats.every(isIso) ? column : asDates(column, dates);
  }
  const changed = marks.decimal !== '.' || marks.thousands !== null;
  if (changed && (column.type === 'text' || column.type === 'number') && values.every((value) => reads(value, marks))) {
    const { decimal, thousands } = marks;
    if (column.type === 'text' || values.some((value) => !NUMBER.test(value) || thousands === '.')) {
      return { ...column, type: 'number', meaning: { kind: 'number', decimal, thousands } };
    }
  }
  if (column.type !== 'text') return column;
  const dates = dateFormatsOf(values);
  return dates === null ? column : asDates(column, dates);
}

function asDates(column: SqlColumn, { formats, withTime }: NonNullable<ReturnType<typeof dateFormatsOf>>): SqlColumn {
  return { ...column, type: withTime ? 'timestamp' : 'date', meaning: { kind: 'date', formats, withTime } };
}

function reads(value: string, { decimal, thousands }: NumberMarks): boolean {
  const joined = thousands === null ? value.trim() : value.trim().replaceAll(thousands, '');
  return NUMBER.test(decimal === ',' ? joined.replace(',', '.') : joined);
}

/** What the database takes for a date by itself. */
export function isIso(format: string): boolean {
  return /^%Y-%m-%d(?:[ T]%H:%M(?::%S(?:\.%f)?)?)?$/.test(format);
}
