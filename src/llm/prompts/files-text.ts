import type { FolderPreview, Preview } from '../../domain/preview';
import { cutEnd } from './excerpt';

const MOST_FILES = 25;
const MOST_SUBFOLDERS = 12;
const MOST_ENTRIES = 10;
const LONGEST_PATH = 120;

/** What lies beside the tables, a line for each thing. */
export function filesLines(preview: Preview, samples: boolean): string[] {
  const described = new Set([...preview.tables.map(({ path }) => path), ...preview.archives.map(({ path }) => path)]);
  const inFolders = (path: string): boolean =>
    preview.folders.some((folder) => (folder.path === '' ? !path.includes('/') : path.startsWith(`${folder.path}/`)));
  const others = preview.files.filter(({ path }) => !described.has(path) && !inFolders(path));
  const shown = others.slice(0, MOST_FILES);
  const counted = preview.folders.reduce((sum, { files }) => sum + files, 0);
  const inShownFolders = preview.files.filter(({ path }) => inFolders(path)).length;
  const left = others.length - shown.length + Math.max(0, preview.filesLeftOut - Math.max(0, counted - inShownFolders));
  return [
    ...preview.folders.map((folder) => folderLine(folder, samples)),
    ...preview.archives.map(archiveLine),
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

/** Names of files may say something of single persons or things; they count as values. */
function folderLine(folder: FolderPreview, samples: boolean): string {
  const { path, kind, files, filesExact, extensions, subfolders, subfoldersLeftOut, examples } = folder;
  const place = path === '' ? 'the directory itself' : `${cutEnd(path, LONGEST_PATH)}/`;
  const endings = extensions
    .map(({ extension, files: count }) => `${count} ${extension || 'without ending'}`)
    .join(', ');
  const shown = subfolders.slice(0, MOST_SUBFOLDERS);
  const more = subfolders.length - shown.length + subfoldersLeftOut;
  const parts = [
    `${filesExact ? '' : 'more than '}${files} ${kind === 'other' ? 'files' : kind} (${endings})`,
    shown.length === 0
      ? ''
      : `in ${shown.map((one) => `${cutEnd(one.path, 60)} (${one.files})`).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    samples && examples.length > 0
      ? `such as ${examples
          .slice(0, 3)
          .map((one) => cutEnd(one, 60))
          .join(', ')}`
      : '',
  ];
  return `- ${place}: ${parts.filter((part) => part !== '').join(', ')}`;
}

function archiveLine({ path, entries, entriesLeftOut }: Preview['archives'][number]): string {
  const shown = entries.slice(0, MOST_ENTRIES);
  const more = entries.length - shown.length + entriesLeftOut;
  const names = shown.map((entry) => `${cutEnd(entry.path, 60)} (${sizeText(entry.bytes)})`).join(', ');
  return `- ${cutEnd(path, LONGEST_PATH)}, a zip with ${names === '' ? 'nothing' : names}${more > 0 ? ` and ${more} more` : ''}`;
}

/** A size as people say it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
