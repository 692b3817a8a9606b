import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BroughtFile } from './brought-files';
import { bring } from './brought-files';
import type { TaskRequest } from './task-file';

/** What a requirements file refers to on the disk. */
export interface RequirementReferences {
  /** Further requirements and constraints files, relative to the file that names them. */
  readonly files: readonly string[];
  /** Packages and directories of packages, relative to where the installer is started. */
  readonly packages: readonly string[];
}

const ANOTHER_FILE = /^(?:-r|-c|--requirement|--constraint)(?:\s*=\s*|\s+)?(\S+)/;
const PACKAGES_AT = /^(?:-e|-f|--editable|--find-links)(?:\s*=\s*|\s+)?(\S+)/;

/** What is wanted of a package besides itself: `[extra]` at its end. */
const EXTRAS = /\[[^\]]*\]$/;

const PACKAGE_FILE = /\.(?:whl|tar\.gz|zip)(?:\[[^\]]*\])?$/i;

/** Finds relative paths in the text of a requirements file; addresses, names of packages and absolute paths are none. */
export function requirementReferences(text: string): RequirementReferences {
  const lines = text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  const files = lines.flatMap((line) => relativePath(ANOTHER_FILE.exec(line)?.[1]));
  const packages = lines.flatMap((line) => relativePath(PACKAGES_AT.exec(line)?.[1] ?? bareFile(line)));
  return { files, packages };
}

/**
 * The task's requirements file with all that it refers to, for an environment that can also be made on a machine that
 * has never seen the task's directory. Empty when the task has none.
 *
 * @throws TaskProblem when one of them is missing or lies outside of the task's directory
 */
export async function bringRequirements(request: TaskRequest): Promise<BroughtFile[]> {
  const given = request.settings.requirements;
  if (given === undefined) return [];
  const start = path.dirname(path.resolve(request.directory, given));
  return followFile(request, { given, directory: request.directory, start }, new Set());
}

interface RequirementFile {
  readonly given: string;
  /** What `given` is relative to. */
  readonly directory: string;
  /** Where the installer will be started. */
  readonly start: string;
}

async function followFile(
  request: TaskRequest,
  { given, directory, start }: RequirementFile,
  seen: Set<string>,
): Promise<BroughtFile[]> {
  const place = path.resolve(directory, given);
  if (seen.has(place)) return [];
  seen.add(place);
  const own = await bring(request, 'requirements', { key: 'requirements', given, directory });
  const references = requirementReferences(await readFile(place, 'utf8'));
  const found = [own];
  for (const name of references.files) {
    found.push(await followFile(request, { given: name, directory: path.dirname(place), start }, seen));
  }
  for (const name of references.packages) {
    found.push(await bring(request, 'requirements', { key: 'requirements', given: name, directory: start }));
  }
  return found.flat();
}

function bareFile(line: string): string | undefined {
  if (line.startsWith('-')) return undefined;
  const [first = ''] = line.split(/\s/);
  // "name @ file" and addresses are left to the installer.
  if (/\s@\s/.test(line)) return undefined;
  return /^\.{1,2}(\/|\[|$)/.test(first) || PACKAGE_FILE.test(first) ? first : undefined;
}

function relativePath(found: string | undefined): string[] {
  if (found === undefined || found.includes('://') || path.isAbsolute(found)) return [];
  return [found.replace(EXTRAS, '')];
}
