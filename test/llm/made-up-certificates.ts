import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export interface Certificates {
  /** File with the certificate of an authority that nobody else knows. */
  readonly authorityFile: string;
  /** PEM: the host's own key and certificate, signed by that authority. */
  readonly key: string;
  readonly certificate: string;
}

/** Makes an authority, and the certificate of a host, in a directory; for a day. */
export async function makeCertificates(directory: string, host: string): Promise<Certificates> {
  const openssl = (...words: string[]) => promisify(execFile)('openssl', words, { cwd: directory });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '1', '-subj', '/CN=Own CA');
  await openssl('req', ...fresh, '-keyout', 'host.key', '-out', 'host.csr', '-subj', `/CN=${host}`);
  await writeFile(path.join(directory, 'host.ext'), `subjectAltName=DNS:${host}\n`);
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'host.ext'];
  await openssl('x509', '-req', '-in', 'host.csr', '-out', 'host.pem', ...signing);
  const read = (name: string): Promise<string> => readFile(path.join(directory, name), 'utf8');
  return {
    authorityFile: path.join(directory, 'ca.pem'),
    key: await read('host.key'),
    certificate: await read('host.pem'),
  };
}
