import type { TablePreview } from '../../domain/preview';

/**
 * How a table is to be read, where plain `pd.read_csv(path)` would not do: in words of pandas, since that is what a
 * script has to write. Empty for a plain table.
 */
export function readingText(table: TablePreview): string {
  const { format, encoding, delimiter, decimal, thousands, member, path } = table;
  const place = member === null ? `"./input/${path}"` : `zipfile.ZipFile("./input/${path}").open("${member}")`;
  if (format === 'parquet') return `pd.read_parquet(${place})`;
  if (format === 'json') return `pd.read_json(${place})`;
  if (format === 'jsonl') return `pd.read_json(${place}, lines=True)`;
  const options = [
    delimiter === ',' ? '' : `sep=${JSON.stringify(delimiter)}`,
    decimal === '.' ? '' : `decimal="${decimal}"`,
    thousands === null ? '' : `thousands="${thousands}"`,
    encoding === 'utf-8' ? '' : `encoding="${encoding}"`,
  ].filter((option) => option !== '');
  if (options.length === 0 && member === null) return '';
  return `pd.read_csv(${[place, ...options].join(', ')})`;
}
