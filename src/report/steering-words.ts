import { plainText } from '../domain/plain-text';
import { onOneLine } from '../domain/on-one-line';
import type { HintFile, NotesFile } from '../domain/steering';
import type { RunView } from './run-view';
import { notedInWords } from './tree-words';

/** The hints that nobody took back, in the order in which they were given. */
export function hintsInForce({ hints }: Pick<RunView, 'hints'>): HintFile[] {
  return hints.filter(({ withdrawnAt }) => withdrawnAt === null);
}

/** What a person noted about a recorded node; null when it was nothing. */
export function notesOf({ nodes }: Pick<RunView, 'nodes'>, id: number): NotesFile | null {
  const node = nodes.find((candidate) => candidate.id === id);
  return node === undefined || node.status === 'in_flight' ? null : node.notes;
}

/** `2 (node 7 and below): use lags`. */
export function hintInWords({ number, node, text }: Pick<HintFile, 'number' | 'node' | 'text'>): string {
  return `${number}${node === null ? '' : ` (node ${node} and below)`}: ${plainText(onOneLine(text))}`;
}

/** ` (public 0.83)` after a score; empty without one. */
export function notedBeside(notes: Pick<NotesFile, 'scores'> | null): string {
  const noted = notes === null ? '' : notedInWords(notes);
  return noted === '' ? '' : ` (${noted})`;
}

/** `3 and 7, with all below`. */
export function prunedInWords(pruned: readonly number[]): string {
  const names = pruned.map(String);
  const last = names.pop() ?? '';
  return `${names.length === 0 ? last : `${names.join(', ')} and ${last}`}, with all below`;
}
