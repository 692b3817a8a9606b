import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Checkout } from './checkout-fixture';

export interface FakePython {
  readonly version: string;
  readonly pip: boolean;
  /** What `-m venv` prints when it fails; it works when absent. */
  readonly venvFailure?: string;
  /** What `-m pip install` prints when it fails; it works when absent. */
  readonly installFailure?: string;
}

/** Puts a stand-in on the checkout's PATH that behaves like a Python of that make, without network and in no time. */
export function putPython(checkout: Checkout, name: string, python: FakePython): void {
  put(checkout, name, `(${behaveLikePython.toString()})(${JSON.stringify(python)});`);
}

export function putTemporal(checkout: Checkout, version: string): void {
  put(checkout, 'temporal', `console.log('temporal version ${version} (Server 1.32.0, UI 2.54.1)');`);
}

function put(checkout: Checkout, name: string, script: string): void {
  writeFileSync(path.join(checkout.tools, name), `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
}

/** Runs inside the stand-in, so it uses nothing from around it. */
function behaveLikePython(python: FakePython): void {
  const fs = process.getBuiltinModule('node:fs');
  const [flag, what = '', ...rest] = process.argv.slice(2);
  const self = process.argv[1]!;
  const fail = (text: string): never => {
    console.error(text);
    process.exit(1);
  };
  if (flag === '-c' && what.includes('python_version')) {
    const [major, minor] = python.version.split('.').map(Number);
    console.log(JSON.stringify({ executable: self, version: python.version, major, minor, implementation: 'CPython' }));
  } else if (flag === '-c') {
    if (!fs.existsSync(`${self}-packages`)) fail('ModuleNotFoundError');
  } else if (what === 'venv') {
    if (python.venvFailure !== undefined) fail(python.venvFailure);
    fs.mkdirSync(`${rest[0]!}/bin`, { recursive: true });
    fs.symlinkSync(fs.realpathSync(self), `${rest[0]!}/bin/python`);
  } else if (what === 'pip') {
    if (!python.pip) fail('No module named pip');
    if (rest[0] !== 'install') return;
    if (python.installFailure !== undefined) fail(python.installFailure);
    if (rest.includes('--target')) fail('no uv here');
    fs.writeFileSync(`${self}-packages`, '');
  }
}
