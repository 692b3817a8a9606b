import type { Python, PythonValue } from './python';
import { indent, literal } from './python';
import type { Recipe } from './recipe';
import type { Table, TableFile } from './table';

/** Places that lines of a file too large to be held are drawn from; a million bytes each. */
const PLACES = 64;

/** The functions of a script that read its tables: as many as the files' formats need. */
export function renderRead(table: Table, recipe: Recipe): Python {
  const files = [table.train, table.test, table.sample].filter((file) => file !== null);
  const read = [table.train, table.test].filter((file) => file !== null);
  const some = (fits: (file: TableFile) => boolean): boolean => files.some(fits);
  const functions = [
    ...(some(({ compression }) => compression === 'zip') ? [MEMBER] : []),
    ...(some(({ huge }) => huge) ? [drawnLines(recipe)] : []),
    ...(read.some(({ format }) => format === 'csv') ? [readCsv(table)] : []),
    ...(read.some(hasMarks) ? [plainNumbers(table)] : []),
    ...(some(({ format }) => format === 'json' || format === 'jsonl') ? [READ_JSON] : []),
  ];
  const imports = [
    ...(some(({ compression }) => compression === 'zip') ? ['import zipfile'] : []),
    ...(some(({ format, compression }) => format === 'parquet' && compression === 'gzip') ? ['import gzip'] : []),
    ...(some(({ huge }) => huge) ? ['import io'] : []),
  ];
  return { code: functions.join('\n\n\n'), imports };
}

/** The expression that reads a table to learn from or to predict. */
export function readCall(file: TableFile): string {
  if (file.format === 'parquet') return `pd.read_parquet(${sourceOf(file)}, dtype_backend="numpy_nullable")`;
  if (file.format !== 'csv') return `read_json(${joined(sourceOf(file), jsonOptions(file))})`;
  const marked = hasMarks(file);
  const how: Record<string, Option> = { ...csvOptions(file), ...(marked ? { dtype: { raw: 'str' } } : {}) };
  const read = `read(${joined(sourceOf(file), literal(file.delimiter), how)})`;
  return marked ? `plain_numbers(${read}, ${literal(file.thousands ?? '')}, ${literal(file.decimal)})` : read;
}

/** The expression that reads the sample of a submission, every field as the text it is. */
export function sampleCall(file: TableFile): string {
  if (file.format === 'parquet')
    return `pd.read_parquet(${sourceOf(file)}, dtype_backend="numpy_nullable").astype(str)`;
  if (file.format !== 'csv') return `read_json(${joined(sourceOf(file), jsonOptions(file))}).astype(str)`;
  const how = { sep: file.delimiter, dtype: { raw: 'str' }, keep_default_na: false, ...csvOptions(file) };
  return `pd.read_csv(${joined(sourceOf(file), how)})`;
}

type Option = PythonValue | { readonly raw: string };

function joined(first: string, ...others: readonly (string | Readonly<Record<string, Option>>)[]): string {
  const words = others.flatMap((other) =>
    typeof other === 'string'
      ? [other]
      : Object.entries(other).map(
          ([key, value]) => `${key}=${typeof value === 'object' && value !== null ? value.raw : literal(value)}`,
        ),
  );
  return [first, ...words].join(', ');
}

function sourceOf({ path, format, compression, member, huge }: TableFile): string {
  const file = `INPUT / ${literal(path)}`;
  if (compression === 'zip') return `member(${file}, ${literal(member ?? '')})`;
  if (huge) return `drawn_lines(${file})`;
  return format === 'parquet' && compression === 'gzip' ? `gzip.open(${file})` : file;
}

function csvOptions({ compression, encoding, uneven, huge }: TableFile): Record<string, Option> {
  return {
    ...packing(compression),
    ...(encoding === 'utf-8' ? {} : { encoding }),
    ...(uneven || huge ? { on_bad_lines: huge ? 'skip' : 'warn' } : {}),
  };
}

function jsonOptions({ compression, encoding, format }: TableFile): Record<string, Option> {
  return {
    ...packing(compression),
    ...(encoding === 'utf-8' ? {} : { encoding }),
    ...(format === 'jsonl' ? { lines: true } : {}),
  };
}

/** Named also where the file's name tells it: names can mislead. */
function packing(compression: TableFile['compression']): Record<string, Option> {
  return compression === 'gzip' ? { compression } : {};
}

function hasMarks({ format, decimal, thousands }: TableFile): boolean {
  return format === 'csv' && (decimal !== '.' || thousands !== null);
}

const MEMBER = `def member(archive, name):
    return zipfile.ZipFile(archive).open(name)`;

const READ_JSON = `def read_json(file, **how):
    # Text stays the text it is: 007 keeps its zeros.
    return pd.read_json(file, dtype=False, **how).convert_dtypes()`;

function drawnLines(recipe: Recipe): string {
  // A recipe for fewer rows reads fewer of them.
  const places = recipe.rows === null ? PLACES : Math.max(8, PLACES / 4);
  return `def drawn_lines(path, places=${places}, size=1_000_000):
    """Lines from places all over a file that is too large to be held, below its header.

    A line break between quotes can spoil the line at the edge of a place.
    """
    with path.open("rb") as file:
        lines = [file.readline()]
        start = file.tell()
        step = (path.stat().st_size - start) // places
        for place in range(places):
            file.seek(start + place * step)
            if place > 0:
                file.readline()
            lines += [file.read(min(size, step)), file.readline()]
    return io.BytesIO(b"".join(lines))`;
}

function readCsv(table: Table): string {
  const textual = [
    ...(table.id === null ? [] : ['ID']),
    ...(table.kind === 'regression' ? [] : ['TARGET']),
    ...(table.categories.length === 0 ? [] : ['*CATEGORIES']),
    ...(table.texts.length === 0 ? [] : ['*TEXTS']),
  ];
  const types = textual.length === 0 ? [] : [`    types = {name: str for name in [${textual.join(', ')}]}`];
  return [
    'def read(file, separator, **how):',
    '    # Text stays the text it is: 007 keeps its zeros, and only an empty field is missing.',
    ...types,
    `    options = {"keep_default_na": False, "na_values": [""]${types.length === 0 ? '' : ', "dtype": types'}, **how}`,
    '    return pd.read_csv(file, sep=separator, **options)',
  ].join('\n');
}

function plainNumbers(table: Table): string {
  const textual = [
    ...(table.id === null ? [] : ['ID']),
    ...(table.kind === 'regression' ? [] : ['TARGET']),
    ...(table.categories.length === 0 ? [] : ['*CATEGORIES']),
    ...(table.texts.length === 0 ? [] : ['*TEXTS']),
    ...(table.dates.length === 0 ? [] : ['*DATES']),
    ...(table.times.length === 0 ? [] : ['*TIMES']),
  ];
  const body = [
    '"""Writes numbers as Python does: from 1.234,5 it makes 1234.5."""',
    ...(textual.length === 0 ? [] : [`textual = {${textual.join(', ')}}`]),
    'for name in table.columns:',
    ...(textual.length === 0 ? [] : ['    if name in textual:', '        continue']),
    '    numbers = table[name].str.replace("\\u00a0", " ")',
    '    if thousands != "":',
    '        numbers = numbers.str.replace(thousands, "")',
    '    table[name] = numbers.str.replace(decimal, ".")',
    'return table',
  ];
  return `def plain_numbers(table, thousands, decimal):\n${indent(body.join('\n'), 4)}`;
}
