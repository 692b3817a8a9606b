import type { Mark } from '../domain/marks';

/** Marks from several sources, one of each kind: the first to tell of a doubt has the word. */
export function joinMarks(...sources: readonly (readonly Mark[])[]): Mark[] {
  const byKind = new Map<Mark['kind'], Mark>();
  for (const mark of sources.flat()) if (!byKind.has(mark.kind)) byKind.set(mark.kind, mark);
  return [...byKind.values()];
}
