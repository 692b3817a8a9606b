import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const CI = path.resolve(__dirname, '..', '..', 'scripts', 'ci.mjs');

type Status = 'passed' | 'failed' | 'pending';
/** Suites by name with the statuses of their tests, as one run of jest would tell them. */
type Outcome = Readonly<Record<string, readonly Status[]>>;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-ci-test-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs it with an `npm` of our own, whose runs of the tests end as told one after another. */
async function ci(...outcomes: readonly Outcome[]): Promise<{ code: number; lines: string[] }> {
  await Promise.all(outcomes.map((outcome, index) => writeFile(path.join(root, `${index}.json`), results(outcome))));
  const npm = path.join(root, 'npm');
  await writeFile(
    npm,
    `#!/bin/sh
[ "$1" = test ] || exit 0
cd "${root}"
turn=$(ls | grep -c "^turn"); touch "turn-$turn"
for word in "$@"; do case "$word" in --outputFile=*) cp "$turn.json" "\${word#--outputFile=}" || exit 1;; esac; done
! grep -q '"status":"failed"' "$turn.json"
`,
  );
  await chmod(npm, 0o755);
  return new Promise((resolve) => {
    const environment = { ...process.env, PATH: `${root}:${process.env['PATH'] ?? ''}` };
    execFile(process.execPath, [CI], { env: environment }, (error, stdout) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, lines: stdout.trim().split('\n') });
    });
  });
}

function results(outcome: Outcome): string {
  const testResults = Object.entries(outcome).map(([name, statuses]) => ({
    name,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status })),
  }));
  return JSON.stringify({ testResults });
}

const CHECKS = 4;

test('closes with the numbers of checks and tests', async () => {
  const { code, lines } = await ci({ a: ['passed', 'passed'], b: ['passed', 'pending'] });
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe(`${CHECKS + 3} passed, 0 failed, 1 skipped`);
});

test('a suite that failed and passes alone is named', async () => {
  const { code, lines } = await ci({ a: ['passed'], b: ['failed', 'passed'] }, { b: ['passed', 'passed'] });
  expect(code).toBe(0);
  expect(lines).toContain('Failed at first and passed alone: b');
  expect(lines.at(-1)).toBe(`${CHECKS + 3} passed, 0 failed, 0 skipped`);
});

test('a suite that fails twice has failed', async () => {
  const { code, lines } = await ci({ a: ['passed'], b: ['failed', 'passed'] }, { b: ['failed', 'passed'] });
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe(`${CHECKS + 2} passed, 1 failed, 0 skipped`);
});

test('many failed suites are no accident and not run again', async () => {
  const { code, lines } = await ci({ a: ['failed'], b: ['failed'], c: ['failed'], d: ['failed'] });
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe(`${CHECKS} passed, 4 failed, 0 skipped`);
});

test('tests that never ran have failed', async () => {
  const { code, lines } = await ci();
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe(`${CHECKS} passed, 1 failed, 0 skipped`);
});
