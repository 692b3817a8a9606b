import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeCheckout, removeCheckout, runSetup, stepsWith, writeSource, type Checkout } from './checkout-fixture';
import { putPython, putTemporal, type FakePython } from './fake-tools';

const ALL = ['Node.js', 'npm packages', 'build', 'Python environment', 'Temporal CLI'];
const GOOD: FakePython = { version: '3.12.4', pip: true };

describe('the set-up', () => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = makeCheckout('installed');
    putPython(checkout, 'python3', GOOD);
    putTemporal(checkout, '1.9.1');
    const first = await runSetup(checkout);
    expect(first).toMatchObject({ code: 0 });
    expect(stepsWith('done', first)).toEqual(['build', 'Python environment', 'Temporal CLI']);
  });

  afterAll(() => removeCheckout(checkout));

  test('skips everything the second time and leaves the facts for the program', async () => {
    const second = await runSetup(checkout);
    expect(second.code).toBe(0);
    expect(stepsWith('skipped', second)).toEqual(ALL);
    const environment = readlinkSync(path.join(checkout.home, 'python'));
    expect(environment).toMatch(/^python-[0-9a-f]{12}-3\.12\.4$/);
    expect(readFacts(checkout)).toEqual({
      nodeVersion: process.versions.node,
      environment: environment.split('-')[1],
      python: path.join(checkout.home, environment, 'bin', 'python'),
      pythonVersion: '3.12.4',
      temporal: path.join(checkout.tools, 'temporal'),
      temporalVersion: '1.9.1',
    });
  });

  test('builds again after a source has changed, and keeps the last good build when that fails', async () => {
    writeSource(checkout, 'domain/new.ts', 'export const answer: number = 42;\n');
    expect(stepsWith('done', await runSetup(checkout))).toEqual(['build']);
    expect(existsSync(path.join(checkout.directory, 'lib', 'domain', 'new.js'))).toBe(true);

    writeSource(checkout, 'domain/new.ts', "export const answer: number = 'no number';\n");
    const broken = await runSetup(checkout);
    expect(broken.code).toBe(1);
    expect(broken.output).toMatch(/new\.ts\(1,14\): error TS2322/);
    expect(broken.output).toMatch(/Set-up failed\. The TypeScript compiler failed on src\. .*setup\.log/);
    expect(existsSync(path.join(checkout.directory, 'lib', 'domain', 'new.js'))).toBe(true);

    rmSync(path.join(checkout.directory, 'src', 'domain'), { recursive: true });
    expect((await runSetup(checkout)).code).toBe(0);
    expect(existsSync(path.join(checkout.directory, 'lib', 'domain'))).toBe(false);
  });

  test('makes a Python environment anew that was left half-made, or whose requirements have changed', async () => {
    const stamp = path.join(checkout.home, 'python', '.coppice-stamp.json');
    const leftover = path.join(checkout.home, 'python', 'leftover');
    rmSync(stamp);
    writeFileSync(leftover, '');
    expect(stepsWith('done', await runSetup(checkout))).toEqual(['Python environment']);
    expect(existsSync(leftover)).toBe(false);

    writeFileSync(path.join(checkout.directory, 'python', 'requirements.txt'), '# nothing\n');
    expect(stepsWith('done', await runSetup(checkout))).toEqual(['Python environment']);
  });

  test('keeps the Python environment of before for the runs that began with it, and takes it up again', async () => {
    const requirements = path.join(checkout.directory, 'python', 'requirements.txt');
    const before = { text: readFileSync(requirements, 'utf8'), python: readFacts(checkout)['python'] };
    const mark = path.join(path.dirname(String(before.python)), 'mark');
    writeFileSync(mark, '');
    writeFileSync(requirements, '# something else\n');
    expect((await runSetup(checkout)).code).toBe(0);
    expect(readFacts(checkout)['python']).not.toBe(before.python);
    expect(existsSync(String(before.python))).toBe(true);

    writeFileSync(requirements, before.text);
    expect((await runSetup(checkout)).code).toBe(0);
    expect(readFacts(checkout)['python']).toBe(before.python);
    expect(existsSync(mark)).toBe(true);
  });

  test('looks again for a Temporal CLI that has changed, and refuses an older one that was named', async () => {
    utimesSync(path.join(checkout.tools, 'temporal'), 1, 1);
    expect(stepsWith('done', await runSetup(checkout))).toEqual(['Temporal CLI']);

    const old = makeTools();
    putTemporal({ ...checkout, tools: old }, '1.8.3');
    const refused = await runSetup(checkout, { COPPICE_TEMPORAL_CLI: path.join(old, 'temporal') });
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('which has version 1.8.3. Name one of version 1.9 or a later 1.x');
    expect((await runSetup(checkout)).code).toBe(0);
    rmSync(old, { recursive: true });
  });

  test('waits for another set-up, and takes over the lock of one that is dead', async () => {
    const lock = path.join(checkout.home, 'setup.lock');
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      rmSync(path.join(checkout.home, 'temporal-cli.json'));
      mkdirSync(lock);
      writeFileSync(path.join(lock, 'owner.json'), JSON.stringify({ pid: other.pid, host: os.hostname() }));
      const result = await runSetup(checkout, {}, [], (output) => {
        if (output.includes('waiting for the set-up of process')) other.kill('SIGKILL');
      });
      expect(result.output).toContain(`waiting for the set-up of process ${String(other.pid)} to end`);
      expect(stepsWith('done', result)).toEqual(['Temporal CLI']);
      expect(existsSync(lock)).toBe(false);
    } finally {
      other.kill('SIGKILL');
    }
  });

  test('lets two set-ups run at once', async () => {
    rmSync(path.join(checkout.home, 'python'), { recursive: true });
    const [one, two] = await Promise.all([runSetup(checkout), runSetup(checkout)]);
    expect([one.code, two.code]).toEqual([0, 0]);
    const made = [...stepsWith('done', one), ...stepsWith('done', two)].filter((name) => name === 'Python environment');
    expect(made).toHaveLength(1);
  });

  test('checks without changing anything', async () => {
    const rows = JSON.parse((await runSetup(checkout, {}, ['--check', '--json'])).output) as {
      name: string;
      level: string;
    }[];
    expect(rows.map((row) => row.name)).toEqual([...ALL.slice(0, 3), 'Python', ...ALL.slice(3), 'disk space']);
    expect(rows.filter((row) => row.level === 'fail')).toEqual([]);

    const empty = path.join(path.dirname(checkout.home), 'empty-home');
    const bare = await runSetup(checkout, { COPPICE_HOME: empty }, ['--check', '--json']);
    expect(bare.code).toBe(1);
    expect(JSON.parse(bare.output)).toContainEqual({
      name: 'Temporal CLI',
      ok: false,
      level: 'fail',
      detail: 'not chosen yet',
      fix: 'Run "npm run setup".',
    });
    expect(existsSync(empty)).toBe(false);
  });

  test('sees node_modules that are not those of the lock file', async () => {
    const other = makeCheckout('absent');
    try {
      const detail = async (): Promise<string | undefined> => {
        const { output } = await runSetup({ ...other, tools: checkout.tools }, {}, ['--check', '--json']);
        const rows = JSON.parse(output) as { name: string; detail: string }[];
        return rows.find((row) => row.name === 'npm packages')?.detail;
      };
      expect(await detail()).toBe('not installed');
      const installed = path.join(other.directory, 'node_modules', '.package-lock.json');
      mkdirSync(path.dirname(installed));
      const lock = readFileSync(path.join(other.directory, 'package-lock.json'), 'utf8');
      writeFileSync(installed, lock);
      expect(await detail()).toMatch(/^node_modules\/.* is missing$/);
      writeFileSync(installed, lock.replace(/"version": "\d/g, '"version": "0.'));
      expect(await detail()).toMatch(/^node_modules\/.* is not \d/);
    } finally {
      removeCheckout(other);
    }
  });

  test('makes the coppice command work, which says what to do when there is no build', async () => {
    const command = path.join(checkout.directory, 'bin', 'coppice.js');
    expect(outputOf(process.execPath, [command])).toBe('here\n');
    rmSync(path.join(checkout.directory, 'lib'), { recursive: true });
    expect(outputOf(process.execPath, [command])).toMatch(/coppice is not built yet: run "npm run setup" in /);
    expect((await runSetup(checkout)).code).toBe(0);
  });

  describe('with a machine that lacks something says what to do', () => {
    const failure = async (
      python: FakePython | undefined,
      environment: Record<string, string> = {},
    ): Promise<string> => {
      const tools = makeTools();
      const machine = { ...checkout, tools, home: path.join(tools, 'home') };
      if (python !== undefined) putPython(machine, 'python3', python);
      const result = await runSetup(machine, environment);
      rmSync(tools, { recursive: true });
      expect(result.code).toBe(1);
      return result.output.slice(result.output.indexOf('Set-up failed.')).trim();
    };

    test('no Python', async () => {
      expect(await failure(undefined)).toMatch(
        /^Set-up failed\. No Python was found on PATH\. Install Python 3\.11 to 3\.14 \(.*COPPICE_PYTHON/,
      );
    });

    test('a Python that is too old or too new', async () => {
      expect(await failure({ version: '3.9.2', pip: true })).toMatch(
        /No Python that coppice can use was found: .*python3 is 3\.9\.2; needed is CPython 3\.11 to 3\.14\. Install/,
      );
      expect(await failure({ version: '3.15.0', pip: true })).toContain('python3 is 3.15.0');
    });

    test('a named Python that is not there', async () => {
      expect(await failure(GOOD, { COPPICE_PYTHON: '/nowhere/python' })).toContain(
        'COPPICE_PYTHON names /nowhere/python, which is not there',
      );
    });

    test('no venv module, no pip, no uv', async () => {
      const message = await failure({ version: '3.11.2', pip: false, venvFailure: 'No module named venv' });
      expect(message).toMatch(
        /python3 \(Python 3\.11\.2\) has no working venv module, and neither pip nor uv is there.*apt install python3-venv/,
      );
    });

    test('a full disk', async () => {
      const installFailure = 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device';
      const message = await failure({ version: '3.12.4', pip: true, installFailure });
      expect(message).toMatch(/requirements\.txt could not be installed\. The disk is full: free some space/);
    });

    test('a package that is not the pinned one', async () => {
      const installFailure = 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.';
      expect(await failure({ version: '3.12.4', pip: true, installFailure })).toContain(
        'is not the one that is pinned',
      );
    });

    test('a home that cannot be made', async () => {
      const message = await failure(GOOD, { COPPICE_HOME: path.join(checkout.tools, 'temporal', 'home') });
      expect(message).toMatch(/failed: ENOTDIR.*cannot be written: check/);
    });
  });
});

function makeTools(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'coppice-tools-'));
}

function outputOf(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return stdout + stderr;
}

function readFacts(checkout: Checkout): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(checkout.home, 'setup.json'), 'utf8')) as Record<string, unknown>;
}
