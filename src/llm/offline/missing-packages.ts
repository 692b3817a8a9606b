/** What every script of the offline model is built on. */
const NEEDED: readonly string[] = ['numpy', 'pandas', 'scikit-learn'];

/** Why the offline model cannot work with a task's own environment, in one line; null when it can. */
export function packagesRefusal(packages: Readonly<Record<string, string>>): string | null {
  const there = new Set(Object.keys(packages).map((name) => name.toLowerCase().replaceAll('_', '-')));
  const missing = NEEDED.filter((name) => !there.has(name));
  if (missing.length === 0) return null;
  return (
    `The offline model writes scripts with ${NEEDED.join(', ')}, and the task's own environment lacks ` +
    `${missing.join(', ')}: add them to its requirements, or name a language model (--model or COPPICE_MODEL).`
  );
}
