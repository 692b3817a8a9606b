import type { Preview } from '../../domain/preview';

/** What every script of the offline model is built on. */
const NEEDED: readonly string[] = ['numpy', 'pandas', 'scikit-learn'];

/** What pandas reads Parquet with. */
const FOR_PARQUET = 'pyarrow';

type Packages = Readonly<Record<string, string>>;

/**
 * Why the offline model cannot work with the packages that scripts have, in one line; null when it can.
 *
 * @param own those of the task's own environment; null when it has none
 * @param shared those of the environment of all other tasks, which holds what every script needs
 */
export function packagesRefusal(
  { own, shared }: { readonly own: Packages | null; readonly shared: Packages },
  { tables }: Pick<Preview, 'tables'>,
): string | null {
  const forTables = tables.some(({ format }) => format === 'parquet') ? [FOR_PARQUET] : [];
  const needed = own === null ? forTables : [...NEEDED, ...forTables];
  const missing = missingIn(own ?? shared, needed);
  if (missing.length === 0) return null;
  const lacks =
    own === null
      ? `the Python environment lacks ${missing.join(', ')}: run "npm run setup"`
      : `the task's own environment lacks ${missing.join(', ')}: add them to its requirements`;
  return (
    `The offline model writes scripts with ${needed.join(', ')}, and ${lacks}, ` +
    'or name a language model (--model or COPPICE_MODEL).'
  );
}

function missingIn(packages: Packages, needed: readonly string[]): readonly string[] {
  const there = new Set(Object.keys(packages).map((name) => name.toLowerCase().replaceAll('_', '-')));
  return needed.filter((name) => !there.has(name));
}
