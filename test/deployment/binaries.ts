import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { findCommand } from '../helpers/find-command';
import { temporalCliPath } from '../helpers/temporal-cli';
import { PROJECT, readCompose } from './compose-file';

/** Where Debian's packages put PostgreSQL's programs. */
const DEBIAN = '/usr/lib/postgresql';

/** The programs that the images consist of, on this machine. */
export interface Binaries {
  /** `temporal-server`, `temporal-sql-tool` and `ui-server`, as `scripts/deployment-binaries.mjs` builds them. */
  readonly temporalDirectory: string;
  /** PostgreSQL's programs. */
  readonly postgresDirectory: string;
  /** The directory of the `temporal` command. */
  readonly cliDirectory: string;
}

/** Null when some of them are not there. */
export function findBinaries(): Binaries | null {
  const { services } = readCompose({ POSTGRES_PASSWORD: 'any' });
  const tag = (service: string): string => services[service]?.image.split(':')[1] ?? '';
  const home = path.resolve(process.env['COPPICE_HOME'] ?? path.join(PROJECT, '.coppice'));
  const temporalDirectory = path.join(home, 'deployment', `${tag('temporal')}-${tag('temporal-ui')}`);
  const isBuilt = existsSync(path.join(temporalDirectory, 'config', 'docker.yaml'));
  const postgresDirectory = findPostgres();
  if (!isBuilt || postgresDirectory === null || findCommand('wget') === undefined) return null;
  return { temporalDirectory, postgresDirectory, cliDirectory: path.dirname(temporalCliPath()) };
}

/** Who PostgreSQL runs as, which refuses to be root; null for whoever runs the tests. */
export function unprivilegedUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((what) => Number(askId(what, name)));
    if (uid && gid) return { uid, gid };
  }
  throw new Error('there is neither a user postgres nor a user nobody to run PostgreSQL as');
}

function askId(what: string, name: string): string {
  try {
    return execFileSync('id', [what, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

function findPostgres(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((left, right) => Number(right) - Number(left)) : [];
  const places = versions.map((version) => path.join(DEBIAN, version, 'bin'));
  const onPath = findCommand('initdb');
  if (onPath !== undefined) places.push(path.dirname(onPath));
  return places.find((place) => existsSync(path.join(place, 'initdb'))) ?? null;
}
