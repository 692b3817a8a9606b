import { lstat, mkdir, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readOnlyAt, type Mount } from './mount-plan';

/** Programs and libraries of the system. */
const SYSTEM_DIRECTORIES = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];

/** What programs need of /etc to find libraries, fonts and the time zone. */
const SETTINGS = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/alternatives',
  '/etc/fonts',
  '/etc/localtime',
  '/etc/timezone',
];

/** What is needed besides to find and to trust a server; the keys of /etc/ssl stay out. */
const NETWORK_SETTINGS = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/services',
  '/etc/protocols',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ca-certificates',
  '/etc/pki/tls/certs',
  '/etc/pki/tls/cert.pem',
  '/etc/pki/ca-trust',
];

/** Libraries count the cores of the machine there. */
const CORES = '/sys/devices/system/cpu';

/** Libraries look there for the way from one GPU to another. */
const BUSES = ['/sys/devices', '/sys/bus/pci'];

/** What a sandbox shows of the system, as far as this machine has it. */
export async function systemMounts(wish: { readonly network: boolean; readonly gpus: boolean }): Promise<Mount[]> {
  const settings = wish.network ? [...SETTINGS, ...NETWORK_SETTINGS] : SETTINGS;
  const places = [...SYSTEM_DIRECTORIES, ...settings, ...(wish.gpus ? BUSES : [CORES])];
  const mounts = await Promise.all(places.map(systemMount));
  return mounts.filter((mount) => mount !== null);
}

/** Of systems that keep all in /usr, /bin and the like are links, and stay links. */
async function systemMount(place: string): Promise<Mount | null> {
  const status = await lstat(place).catch(() => null);
  if (status === null) return null;
  const isTopLevel = path.dirname(place) === '/';
  if (status.isSymbolicLink() && isTopLevel) return { kind: 'link', target: await readlink(place), path: place };
  return readOnlyAt(place);
}

/**
 * Files that stand for the accounts and host names of this machine: programs look up their own user and `localhost`,
 * and need no more. Written anew by every process, always with the same content.
 *
 * @throws the system error when the directory cannot be written
 */
export async function writeAccountFiles(directory: string): Promise<void> {
  const user = process.getuid?.() ?? 0;
  const group = process.getgid?.() ?? 0;
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'passwd'), `coppice:x:${user}:${group}::/coppice/.home:/bin/sh\n`);
  await writeFile(path.join(directory, 'group'), `coppice:x:${group}:\n`);
  await writeFile(path.join(directory, 'hosts'), '127.0.0.1 localhost coppice\n::1 localhost\n');
}

/** @param directory where `writeAccountFiles` wrote */
export function accountMounts(directory: string, network: boolean): Mount[] {
  const names = network ? ['passwd', 'group'] : ['passwd', 'group', 'hosts'];
  return names.map((name) => ({ kind: 'read-only', source: path.join(directory, name), path: `/etc/${name}` }));
}
