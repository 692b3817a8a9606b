import { execFile } from 'node:child_process';
import { readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { isWithin } from './mount-plan';

const QUESTION = `
import json, sys
print(json.dumps([sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *sys.path]))
`;

/** Longest that an interpreter may take to answer, in milliseconds. */
const ANSWER_MS = 60_000;

/** More links than an interpreter is ever behind. */
const MOST_LINKS = 40;

/**
 * What has to be visible for an interpreter to start and to import: the directories of its environment and of the
 * Python that this was made from, and the links that lead there. Outermost only.
 *
 * @throws the error of the process when the interpreter does not start
 */
export async function pythonPlaces(pythonPath: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(pythonPath, ['-I', '-c', QUESTION], { timeout: ANSWER_MS });
  const named = z.array(z.string()).parse(JSON.parse(stdout));
  const directories: string[] = [];
  for (const directory of [...named, path.dirname(path.dirname(await realpath(pythonPath)))]) {
    if (path.isAbsolute(directory) && (await isDirectory(directory))) directories.push(path.normalize(directory));
  }
  return outermost([...directories, ...(await linksTo(pythonPath))]);
}

/** Every path that is passed on the way from `file` to what it is in the end. */
async function linksTo(file: string): Promise<string[]> {
  const passed = [file];
  for (let current = file; passed.length < MOST_LINKS;) {
    const target = await readlink(current).catch(() => null);
    if (target === null) break;
    current = path.resolve(path.dirname(current), target);
    passed.push(current);
  }
  return passed;
}

function outermost(places: readonly string[]): string[] {
  const different = [...new Set(places)];
  return different.filter((place) => !different.some((other) => other !== place && isWithin(place, other)));
}

async function isDirectory(place: string): Promise<boolean> {
  return stat(place).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
