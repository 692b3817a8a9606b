import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * One hash over names and contents of files, and of all files below directories.
 * @param {string} base
 * @param {readonly string[]} entries relative to base; what does not exist counts as such
 */
export function fingerprint(base, entries) {
  const hash = createHash('sha256');
  for (const file of entries.flatMap((entry) => filesBelow(base, entry)).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(base, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} base @param {string} entry @returns {string[]} */
function filesBelow(base, entry) {
  const stat = statSync(path.join(base, entry), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [entry];
  return readdirSync(path.join(base, entry)).flatMap((name) => filesBelow(base, path.join(entry, name)));
}

/**
 * @param {string} file
 * @returns {Record<string, any> | undefined} undefined when it is missing or broken, which means: make it again
 */
export function readStamp(file) {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} file @param {Record<string, unknown>} value */
export function writeStamp(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, file);
}
