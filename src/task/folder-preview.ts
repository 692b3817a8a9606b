import path from 'node:path';
import type { FolderPreview } from '../domain/preview';
import { isTableName, isZipName } from './table-file';

/** A directory with fewer files that are no tables is told file by file. */
const LEAST_FILES = 10;

const EXTENSIONS_SHOWN = 10;
const SUBFOLDERS_SHOWN = 50;
const EXAMPLES = 5;

/** Distinct extensions and sub-directories that are counted apart; those beyond are counted together or not at all. */
const MOST_COUNTED = 10_000;

const KINDS: readonly (readonly [FolderPreview['kind'], RegExp])[] = [
  ['images', /^\.(jpe?g|png|gif|bmp|tiff?|webp|dcm|svg|heic)$/],
  ['texts', /^\.(txt|md|html?|xml|rtf|pdf|docx?|eml|tex)$/],
  ['audio', /^\.(wav|mp3|flac|ogg|m4a|aac|aiff?)$/],
];

/** Share of the files that must be of a kind to name a folder after it. */
const KIND_SHARE = 0.8;

interface Counts {
  files: number;
  readonly extensions: Map<string, number>;
  readonly subfolders: Map<string, number>;
  readonly examples: string[];
}

/** Counts what lies in the directories of a tree, one file after the other, in bounded memory. */
export class FolderCounts {
  private readonly folders = new Map<string, Counts>();

  /** @param file path below the data directory, with forward slashes */
  add(file: string): void {
    if (isTableName(file) || isZipName(file)) return;
    const [first = '', ...rest] = file.split('/');
    const folder = rest.length === 0 ? '' : first;
    const below = rest.length === 0 ? first : rest.join('/');
    const counts = this.countsOf(folder);
    if (counts === null) return;
    counts.files++;
    increment(counts.extensions, path.posix.extname(below).toLowerCase());
    const directory = path.posix.dirname(below);
    if (directory !== '.') increment(counts.subfolders, directory);
    if (counts.examples.length < EXAMPLES) counts.examples.push(below.slice(0, 200));
  }

  /** @param exact whether every file of the tree was added */
  describe(exact: boolean): FolderPreview[] {
    return [...this.folders]
      .filter(([, { files }]) => files >= LEAST_FILES)
      .map(([folder, counts]) => describe(folder, counts, exact))
      .filter(({ path: name, kind }) => name !== '' || kind !== 'other');
  }

  private countsOf(folder: string): Counts | null {
    const known = this.folders.get(folder);
    if (known !== undefined) return known;
    if (this.folders.size >= MOST_COUNTED) return null;
    const counts = { files: 0, extensions: new Map(), subfolders: new Map(), examples: [] };
    this.folders.set(folder, counts);
    return counts;
  }
}

function describe(folder: string, counts: Counts, filesExact: boolean): FolderPreview {
  const { files, examples } = counts;
  const extensions = mostFrequent(counts.extensions);
  const subfolders = mostFrequent(counts.subfolders);
  return {
    path: folder,
    kind: kindOf(extensions, files),
    files,
    filesExact,
    extensions: extensions.slice(0, EXTENSIONS_SHOWN).map(([extension, count]) => ({ extension, files: count })),
    subfolders: subfolders.slice(0, SUBFOLDERS_SHOWN).map(([name, count]) => ({ path: name, files: count })),
    subfoldersLeftOut: Math.max(0, subfolders.length - SUBFOLDERS_SHOWN),
    examples,
  };
}

function kindOf(extensions: readonly (readonly [string, number])[], files: number): FolderPreview['kind'] {
  const found = KINDS.find(([, pattern]) => {
    const ofKind = extensions.filter(([extension]) => pattern.test(extension));
    return ofKind.reduce((sum, [, count]) => sum + count, 0) >= KIND_SHARE * files;
  });
  return found?.[0] ?? 'other';
}

function mostFrequent(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].sort(([leftName, left], [rightName, right]) => right - left || (leftName < rightName ? -1 : 1));
}

function increment(counts: Map<string, number>, key: string): void {
  if (counts.has(key) || counts.size < MOST_COUNTED) counts.set(key, (counts.get(key) ?? 0) + 1);
}
