import type { FolderPreview, Preview } from '../../domain/preview';
import { cutEnd } from './excerpt';

const MOST_FILES = 25;
const MOST_SUBFOLDERS = 12;
const MOST_ENTRIES = 10;
const LONGEST_PATH = 120;

/**
 * What lies beside the tables, a line for each thing. Names of single files may say something of persons or things, and
 * those of sub-folders are classes more often than not: they count as values, and without `samples` are only counted.
 */
export function filesLines(preview: Preview, samples: boolean): string[] {
  const described = new Set([...preview.tables.map(({ path }) => path), ...preview.archives.map(({ path }) => path)]);
  const inFolders = (path: string): boolean =>
    preview.folders.some((folder) => (folder.path === '' ? !path.includes('/') : path.startsWith(`${folder.path}/`)));
  const others = preview.files.filter(({ path }) => !described.has(path) && !inFolders(path));
  const shown = others.filter(({ path }) => samples || !path.includes('/')).slice(0, MOST_FILES);
  const counted = preview.folders.reduce((sum, { files }) => sum + files, 0);
  const inShownFolders = preview.files.filter(({ path }) => inFolders(path)).length;
  const left = others.length - shown.length + Math.max(0, preview.filesLeftOut - Math.max(0, counted - inShownFolders));
  return [
    ...preview.folders.map((folder) => folderLine(folder, samples)),
    ...preview.archives.map((archive) =>
      archiveLine(archive, samples ? () => true : isMemberOf(preview, archive.path)),
    ),
    ...shown.map(({ path, bytes }) => `- ${cutEnd(path, LONGEST_PATH)} (${sizeText(bytes)})`),
    ...(left > 0 ? [`- and ${left} more files`] : []),
  ];
}

/** Columns by which tables belong together; empty when there are none. */
export function keysText({ keys }: Preview): string {
  if (keys.length === 0) return '';
  const lines = keys.map(({ column, tables }) => `- \`${cutEnd(column, 60)}\`: ${tables.slice(0, 8).join(', ')}`);
  return ['Columns by which tables can be joined:', ...lines].join('\n');
}

/** Whether the entry of a zip is a table, whose name is needed to read it. */
function isMemberOf({ tables }: Preview, archive: string): (entry: string) => boolean {
  const members = new Set(tables.filter(({ path }) => path === archive).map(({ member }) => member));
  return (entry) => members.has(entry);
}

function folderLine(folder: FolderPreview, samples: boolean): string {
  const { path, kind, files, filesExact, extensions, subfolders, subfoldersLeftOut, examples } = folder;
  const place = path === '' ? 'the directory itself' : `${cutEnd(path, LONGEST_PATH)}/`;
  const endings = extensions
    .map(({ extension, files: count }) => `${count} ${extension || 'without ending'}`)
    .join(', ');
  const parts = [
    `${filesExact ? '' : 'more than '}${files} ${kind === 'other' ? 'files' : kind} (${endings})`,
    subfoldersText(subfolders, subfoldersLeftOut, samples),
    samples && examples.length > 0
      ? `such as ${examples
          .slice(0, 3)
          .map((one) => cutEnd(one, 60))
          .join(', ')}`
      : '',
  ];
  return `- ${place}: ${parts.filter((part) => part !== '').join(', ')}`;
}

function subfoldersText(subfolders: FolderPreview['subfolders'], leftOut: number, samples: boolean): string {
  const count = subfolders.length + leftOut;
  if (count === 0) return '';
  if (!samples) return `in ${count} sub-folders`;
  const shown = subfolders.slice(0, MOST_SUBFOLDERS);
  const more = count - shown.length;
  return `in ${shown.map((one) => `${cutEnd(one.path, 60)} (${one.files})`).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function archiveLine(
  { path, entries, entriesLeftOut }: Preview['archives'][number],
  isShown: (entry: string) => boolean,
): string {
  const shown = entries.filter((entry) => isShown(entry.path)).slice(0, MOST_ENTRIES);
  const more = entries.length - shown.length + entriesLeftOut;
  const names = shown.map((entry) => `${cutEnd(entry.path, 60)} (${sizeText(entry.bytes)})`).join(', ');
  const rest = names === '' ? `${more} files` : `${names} and ${more} more`;
  return `- ${cutEnd(path, LONGEST_PATH)}, a zip with ${more > 0 ? rest : names || 'nothing'}`;
}

/** A size as people say it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
