import type { ColumnPreview, Preview, TablePreview } from '../../domain/preview';
import type { Task } from '../../domain/task';
import { cutEnd, cutToTokens } from './excerpt';
import { filesLines, keysText, sizeText } from './files-text';
import { readingText } from './reading-text';

/** Characters of a token in such text, at least; names in scripts of few letters a token are cut in the end. */
const CHARACTERS_OF_A_TOKEN = 3;

const FILES_SHARE = 0.2;
const LONGEST_VALUE = 40;
const LONGEST_NAME = 60;

/** Up to so many distinct values of numbers are worth telling: they may be grades or classes. */
const FEW_DISTINCT = 50;

/** How the data are told. */
export interface PreviewWording {
  /** Most tokens. */
  readonly limit: number;
  /** Whether values of cells may stand in it; without, there are names, types and counts alone. */
  readonly samples: boolean;
}

/**
 * The data in words, within `limit` tokens: each table with its columns, after the files that are no tables. The tables
 * that the task names come first, and in a table its target and id; a table with the columns of an earlier one only says
 * in which columns they differ. Columns that do not fit are counted by type.
 */
export function previewText(preview: Preview, task: Task, { limit, samples }: PreviewWording): string {
  const longest = limit * CHARACTERS_OF_A_TOKEN;
  let text = filesText(preview, samples, longest * FILES_SHARE);
  const tables = [...preview.tables].sort((left, right) => importance(left, task) - importance(right, task));
  const described: TablePreview[] = [];
  for (const [index, table] of tables.entries()) {
    const left = longest - text.length;
    if (left < 300) {
      text += `\n\n${tables.length - index} more tables are not described here.`;
      break;
    }
    const twin = described.find((other) => sharesColumns(table, other));
    // An early table leaves half of the room to those after it.
    const room = index === tables.length - 1 ? left - 100 : Math.floor((left - 100) * 0.6);
    text += `\n\n${textOf(preview, table, twin, task, { room, samples })}`;
    described.push(table);
  }
  const keys = keysText(preview);
  const joined = keys === '' ? text : `${text}\n\n${keys}`;
  return cutToTokens(cutEnd((joined + problemsText(preview, samples)).trim(), longest), limit);
}

/** What the database says of a table that it cannot read may quote its cells. */
function problemsText({ problems }: Preview, samples: boolean): string {
  return problems
    .map(({ path, message }) => `\n${path}: ${samples ? message : message.replace(/^(it cannot be read): .*/s, '$1')}`)
    .join('');
}

interface Telling {
  /** Characters. */
  readonly room: number;
  readonly samples: boolean;
}

function textOf(
  preview: Preview,
  table: TablePreview,
  twin: TablePreview | undefined,
  task: Task,
  { room, samples }: Telling,
): string {
  const heading = tableHeading(table, preview);
  if (table.path === task.sample) return sampleText(heading, table, room);
  if (twin !== undefined) return twinText(heading, table, twin, room);
  return tableText(heading, table, task, { room, samples });
}

function filesText(preview: Preview, samples: boolean, limit: number): string {
  const lines = filesLines(preview, samples);
  if (lines.length === 0) return '';
  return fitted(['Files:', ...lines], limit, (count) => `- and ${count} more`);
}

function importance(table: TablePreview, task: Task): number {
  const place = [task.train, task.test, task.sample].indexOf(table.path);
  return place === -1 ? 3 : place;
}

function sharesColumns(table: TablePreview, other: TablePreview): boolean {
  const names = new Set(other.columns.map((column) => column.name));
  const shared = table.columns.filter((column) => names.has(column.name)).length;
  return shared > 2 && shared >= 0.8 * Math.max(table.columns.length, other.columns.length);
}

/** Of a sample only the shape counts, its values are made up. */
function sampleText(heading: string, table: TablePreview, room: number): string {
  const names = table.columns.map(({ name }) => cutEnd(name, LONGEST_NAME)).join(', ');
  return cutEnd(`${heading}: ${names}`, room);
}

function twinText(heading: string, table: TablePreview, twin: TablePreview, room: number): string {
  const missing = namesBeyond(twin, table);
  const added = namesBeyond(table, twin);
  const differences = [
    missing.length > 0 ? `without ${missing.join(', ')}` : '',
    added.length > 0 ? `with ${added.join(', ')} besides` : '',
  ].filter((part) => part !== '');
  const difference = differences.length === 0 ? '' : ` (${differences.join('; ')})`;
  return cutEnd(`${heading}\nIts columns are those of ${twin.path}${difference}.`, room);
}

function namesBeyond(table: TablePreview, other: TablePreview): string[] {
  const names = new Set(other.columns.map((column) => column.name));
  return table.columns.filter(({ name }) => !names.has(name)).map(({ name }) => cutEnd(name, LONGEST_NAME));
}

function tableText(heading: string, table: TablePreview, task: Task, { room, samples }: Telling): string {
  const special = (column: ColumnPreview): boolean => column.name === task.target || column.name === task.id;
  const columns = [...table.columns.filter(special), ...table.columns.filter((column) => !special(column))];
  const lines = columns.map((column) => columnText(column, table.rows, task, samples));
  const describeRest = (count: number): string => restText(columns.slice(columns.length - count), table.columnsLeftOut);
  const text = fitted([heading, ...lines], room, describeRest);
  return table.columnsLeftOut > 0 && text.endsWith(lines.at(-1) ?? '') ? `${text}\n${describeRest(0)}` : text;
}

/** As many lines as fit into `room` characters, always the first, then one that tells of the rest. */
function fitted(lines: readonly string[], room: number, describeRest: (count: number) => string): string {
  const all = lines.join('\n');
  if (all.length <= room) return all;
  const reserve = 250;
  let length = 0;
  const kept = lines.filter((line, index) => {
    length += line.length + 1;
    return index === 0 || length <= room - reserve;
  });
  return [...kept, describeRest(lines.length - kept.length)].join('\n');
}

function tableHeading(table: TablePreview, { files }: Preview): string {
  const bytes = files.find(({ path }) => path === table.path)?.bytes;
  const size = bytes === undefined ? '' : ` (${sizeText(bytes)})`;
  const columns = table.columns.length + table.columnsLeftOut;
  const reading = readingText(table);
  const place = table.member === null ? table.path : `${table.path}, in it ${table.member}`;
  return `${place}${size}: ${rowsText(table)}, ${columns} columns${reading === '' ? '' : `, read by ${reading}`}`;
}

function rowsText({ rows, rowsExact, rowsEstimated }: TablePreview): string {
  if (rowsExact) return `${rows} rows`;
  return rowsEstimated === null ? `more than ${rows} rows` : `about ${rowsEstimated} rows (a sample is described)`;
}

function columnText(column: ColumnPreview, rows: number, task: Task, samples: boolean): string {
  const isNumber = column.mean !== null;
  const role = column.name === task.target ? ' [target]' : column.name === task.id ? ' [id]' : '';
  const facts = [
    column.missing > 0 ? `${rows > 0 ? Math.ceil((100 * column.missing) / rows) : 100} % missing` : '',
    isNumber && column.distinct > FEW_DISTINCT ? '' : `about ${column.distinct} distinct`,
    !samples || column.minimum === null || column.type === 'text' || column.type === 'boolean'
      ? ''
      : `${shown(column.minimum)} to ${shown(column.maximum ?? '')}`,
    !samples || column.mean === null || column.name === task.id ? '' : `mean ${shown(column.mean)}`,
    !samples || column.examples.length === 0 || isNumber
      ? ''
      : `such as ${column.examples
          .slice(0, 8)
          .map((value) => JSON.stringify(cutEnd(value, LONGEST_VALUE)))
          .join(', ')}`,
    column.dateFormats.length === 0 ? '' : `written as ${column.dateFormats.slice(0, 5).join(' or ')}`,
  ].filter((fact) => fact !== '');
  return `- ${cutEnd(column.name, LONGEST_NAME)}${role}: ${column.type}, ${facts.join(', ')}`;
}

function restText(columns: readonly ColumnPreview[], leftOut: number): string {
  const types = [...new Set(columns.map((column) => column.type))];
  const counts = types.map((type) => `${columns.filter((column) => column.type === type).length} ${type}`);
  if (leftOut > 0) counts.push(`${leftOut} not looked at`);
  const first = columns[0]?.name ?? '';
  const last = columns.at(-1)?.name ?? '';
  const names = columns.length > 1 ? `, named ${cutEnd(first, LONGEST_NAME)} to ${cutEnd(last, LONGEST_NAME)}` : '';
  return `- and ${columns.length + leftOut} more columns (${counts.join(', ')}${names})`;
}

function shown(value: number | string): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(5))) : cutEnd(value, LONGEST_VALUE);
}
