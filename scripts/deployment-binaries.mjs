/**
 * `node scripts/deployment-binaries.mjs`: builds the Temporal server, its schema tool and the Web UI's server, in the
 * versions that docker-compose.yml names, for the tests that run the deployment without Docker. Needs Go; takes some
 * minutes the first time, and nothing when they are there already. Prints the directory they are in.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const CHECKOUT = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Where the official archive of Go puts it. */
const USUAL_GO = '/usr/local/go/bin';

/** @param {string} image the version in its tag */
function versionOf(image) {
  const { services } = parse(readFileSync(path.join(CHECKOUT, 'docker-compose.yml'), 'utf8'), { merge: true });
  const found = Object.values(services).find((service) => service.image?.startsWith(`${image}:`));
  if (found === undefined) throw new Error(`docker-compose.yml has no service of the image ${image}`);
  return found.image.slice(image.length + 1);
}

/** @param {readonly string[]} args @param {NodeJS.ProcessEnv} [more] @returns {string} standard output */
function go(args, more = {}) {
  const searchPath = [process.env['PATH'] ?? '', USUAL_GO].join(path.delimiter);
  const environment = { ...process.env, PATH: searchPath, GOTOOLCHAIN: 'local', ...more };
  const { error, status, stdout, stderr } = spawnSync('go', args, { env: environment, encoding: 'utf8' });
  if (error !== undefined) throw new Error(`Go cannot be run (${error.message}): install it from https://go.dev/dl.`);
  if (status !== 0)
    throw new Error(`go ${args.join(' ')} failed:\n${stderr.trimEnd().split('\n').slice(-20).join('\n')}`);
  return stdout;
}

/** @param {string} target @param {string} pkg @param {string} version */
function build(target, pkg, version) {
  if (existsSync(target)) return;
  process.stderr.write(`building ${path.basename(target)} ${version}\n`);
  const directory = mkdtempSync(`${target}.`);
  try {
    go(['install', `${pkg}@${version}`], { GOBIN: directory });
    renameSync(path.join(directory, path.basename(pkg)), target);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The Web UI's settings are a template beside its program, as in its image. @param {string} place @param {string} version */
function copyUiSettings(place, version) {
  const module = JSON.parse(go(['mod', 'download', '-json', `github.com/temporalio/ui-server/v2@${version}`]));
  mkdirSync(path.join(place, 'config'), { recursive: true });
  const target = path.join(place, 'config', 'docker.yaml');
  rmSync(target, { force: true });
  copyFileSync(path.join(module.Dir, 'config', 'docker.yaml'), target);
  chmodSync(target, 0o644);
}

const server = versionOf('temporalio/server');
const ui = versionOf('temporalio/ui');
const home = path.resolve(process.env['COPPICE_HOME'] || path.join(CHECKOUT, '.coppice'));
const place = path.join(home, 'deployment', `${server}-${ui}`);
mkdirSync(place, { recursive: true });
try {
  build(path.join(place, 'temporal-server'), 'go.temporal.io/server/cmd/server', `v${server}`);
  build(path.join(place, 'temporal-sql-tool'), 'go.temporal.io/server/cmd/tools/sql', `v${server}`);
  build(path.join(place, 'ui-server'), 'github.com/temporalio/ui-server/v2/cmd/server', `v${ui}`);
  copyUiSettings(place, `v${ui}`);
  process.stdout.write(`${place}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
