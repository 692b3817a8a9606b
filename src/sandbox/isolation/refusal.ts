import { access, readFile } from 'node:fs/promises';
import { installCommand } from './find-bubblewrap';

/** Why bubblewrap is not used here, and what would change that. */
export interface Refusal {
  readonly reason: string;
  readonly fix: string;
}

/** Settings by which systems keep users from making namespaces, with the value that refuses it. */
const SETTINGS = [
  { file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', refuses: '1', allow: '0' },
  { file: '/proc/sys/kernel/unprivileged_userns_clone', refuses: '0', allow: '1' },
  { file: '/proc/sys/user/max_user_namespaces', refuses: '0', allow: '15000' },
] as const;

/** Files that only containers have. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

export async function missing(): Promise<Refusal> {
  return { reason: 'bubblewrap is not installed', fix: `Install it: ${await installCommand()}.` };
}

export function notLinux(): Refusal {
  return {
    reason: `bubblewrap needs Linux, and this is ${process.platform}`,
    fix: 'Run the worker on Linux, for example in a virtual machine.',
  };
}

/** What is installed but starts no sandbox. */
export async function refused(version: string, words: string): Promise<Refusal> {
  return { reason: `bubblewrap ${version} does not work here: ${words}`, fix: await fixForNamespaces() };
}

/** What starts sandboxes that hold too little, or in which scripts cannot work. */
export function leaky(version: string, problems: readonly string[]): Refusal {
  return {
    reason: `bubblewrap ${version} starts, but does not hold: ${problems.join('; ')}`,
    fix: 'Keep COPPICE_HOME and COPPICE_STORE out of the system and of the Python installation, or report it.',
  };
}

async function fixForNamespaces(): Promise<string> {
  for (const { file, refuses, allow } of SETTINGS) {
    const value = await readFile(file, 'utf8').catch(() => '');
    if (value.trim() !== refuses) continue;
    const name = file.replace('/proc/sys/', '').replaceAll('/', '.');
    return `The system setting ${name}=${refuses} refuses it: as root "sysctl -w ${name}=${allow}", and in /etc/sysctl.d to stay.`;
  }
  if (await isContainer()) {
    return (
      'The container refuses it: start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined ' +
      '--security-opt systempaths=unconfined.'
    );
  }
  return 'Look for what keeps users from making namespaces: "bwrap --unshare-all --ro-bind / / true" shows it.';
}

async function isContainer(): Promise<boolean> {
  for (const mark of CONTAINER_MARKS) {
    const isThere = await access(mark).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}
