import { indent } from './python';
import type { Table } from './table';

/** The function of a script that makes the columns which models see. */
export function renderPrepare(table: Table, featureLines: readonly string[]): string {
  const body = [
    '"""Makes the columns that models see. Row by row: what has to be learned from the rows is left to the model."""',
    'columns = {}',
  ];
  if (table.categories.length > 0) body.push(...textColumns('CATEGORIES', '(missing)'));
  if (table.texts.length > 0) body.push(...textColumns('TEXTS', ''));
  if (table.numeric.length + table.undescribed > 0) {
    body.push('for name in NUMERIC:', '    columns[name] = pd.to_numeric(table[name], errors="coerce").astype(float)');
  }
  if (table.dates.length > 0) {
    body.push(
      'for name, formats in DATES.items():',
      '    moment = as_moment(table[name], formats)',
      '    days = (moment - pd.Timestamp("2000-01-01", tz="UTC")).dt.total_seconds() / 86400',
      '    columns[f"{name}: days"] = days',
    );
  }
  if (table.times.length > 0) {
    body.push(
      'for name in TIMES:',
      '    seconds = pd.to_timedelta(table[name].astype(str), errors="coerce").dt.total_seconds()',
      '    columns[f"{name}: seconds"] = seconds',
    );
  }
  body.push(...featureLines, 'return pd.DataFrame(columns).replace([np.inf, -np.inf], np.nan)');
  const prepare = `def prepare(table):\n${indent(body.join('\n'), 4)}`;
  return table.dates.length > 0 ? `${AS_MOMENT}\n\n\n${prepare}` : prepare;
}

function textColumns(list: string, missing: string): string[] {
  return [
    `for name in ${list}:`,
    '    text = table[name].astype(str).astype(object)',
    `    columns[name] = text.where(table[name].notna(), "${missing}")`,
  ];
}

const AS_MOMENT = `def as_moment(column, formats):
    """Dates in the first of the formats that fits, or as ISO writes them."""
    moment = None
    for form in formats or ["mixed"]:
        found = pd.to_datetime(column, errors="coerce", utc=True, format=form)
        moment = found if moment is None else moment.fillna(found)
    return moment`;
