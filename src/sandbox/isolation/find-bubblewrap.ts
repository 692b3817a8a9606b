import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BubblewrapFeatures } from './bubblewrap';

/** An installed bubblewrap. */
export interface FoundBubblewrap {
  readonly bwrap: string;
  readonly version: string;
  readonly features: BubblewrapFeatures;
}

/** Longest that the command may take to say its version, in milliseconds. */
const ANSWER_MS = 10_000;

/** Looks for `bwrap` where commands are looked for; null when there is none that runs. */
export async function findBubblewrap(searchPath: string | undefined): Promise<FoundBubblewrap | null> {
  const bwrap = await findCommand('bwrap', (searchPath ?? '').split(path.delimiter));
  if (bwrap === null) return null;
  const answer = await promisify(execFile)(bwrap, ['--version'], { timeout: ANSWER_MS }).catch(() => null);
  const version = /(\d+)\.(\d+)\S*/.exec(answer?.stdout ?? '');
  if (version === null) return null;
  const minor = Number(version[1]) * 1000 + Number(version[2]);
  return { bwrap, version: version[0], features: { sizes: minor >= 6, noNesting: minor >= 8 } };
}

/** The command that installs bubblewrap here. */
export async function installCommand(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const names = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) => (match[1] ?? '').split(' '));
  const found = Object.entries(INSTALLERS).find(([name]) => names.includes(name));
  return found?.[1] ?? 'the package "bubblewrap" of your distribution';
}

const INSTALLERS: Readonly<Record<string, string>> = {
  debian: '"apt install bubblewrap"',
  ubuntu: '"apt install bubblewrap"',
  fedora: '"dnf install bubblewrap"',
  rhel: '"dnf install bubblewrap"',
  arch: '"pacman -S bubblewrap"',
  suse: '"zypper install bubblewrap"',
  alpine: '"apk add bubblewrap"',
};

async function findCommand(name: string, directories: readonly string[]): Promise<string | null> {
  for (const directory of directories.filter((place) => path.isAbsolute(place))) {
    const file = path.join(directory, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}
