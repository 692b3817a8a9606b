import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The first process id namespace of every Linux machine; containers have other ones. */
const MACHINE_NAMESPACE = 'pid:[4026531836]';

/**
 * A name for the set of processes that this process can see: the machine, and the container in it. COPPICE_HOST_ID
 * sets it; else it is made from the machine id, or from the host's name where there is none.
 */
export async function readHostId(environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  const given = environment['COPPICE_HOST_ID'];
  if (given !== undefined && given !== '') return given;
  const machine = await readFile('/etc/machine-id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => MACHINE_NAMESPACE);
  const name = machine.trim() === '' ? hostname() : machine.trim();
  return namespace === MACHINE_NAMESPACE ? name : `${name}-${namespace.replace(/\D/g, '')}`;
}
