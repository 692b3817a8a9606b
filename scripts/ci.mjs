/** Runs the static checks and `npm test`, and closes with the numbers of both; .ci/run calls it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const CHECKS = ['format:check', 'lint', 'typecheck', 'check:bundle'];

/**
 * Suites that may be run once more, alone: on a busy machine a limit of time may be missed that has nothing to do with
 * the change. More than these are no accident. Both results are printed.
 */
const MOST_SUITES_AGAIN = 3;

/**
 * Longest that the programs of the deployment may take to build; without them test/skips.json decides about their suite.
 * Some 5 minutes on a quiet machine of two cores.
 */
const MOST_BUILD_MS = 20 * 60_000;

/** @typedef {{ name: string, status: string, assertionResults: { status: string }[] }} Suite */

/** @param {readonly string[]} args */
function npm(args) {
  process.stdout.write(`\n== npm ${args.join(' ')}\n`);
  return spawnSync('npm', args, { stdio: 'inherit' }).status === 0;
}

/** Beside the static checks, which leave a core idle for the most part. @returns {Promise<void>} never rejects */
function buildDeployment() {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', 'build:deployment'], { stdio: 'inherit', timeout: MOST_BUILD_MS });
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}

/** @param {readonly string[]} args @returns {{ succeeded: boolean, suites: Suite[] }} no suites when jest itself failed */
function test(args) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'coppice-ci-'));
  const file = path.join(directory, 'results.json');
  const succeeded = npm(['test', '--', '--json', `--outputFile=${file}`, ...args]);
  try {
    return { succeeded, suites: JSON.parse(readFileSync(file, 'utf8')).testResults };
  } catch {
    return { succeeded: false, suites: [] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {Suite} suite */
function count({ status, assertionResults }) {
  const passed = assertionResults.filter((result) => result.status === 'passed').length;
  const failed = assertionResults.filter((result) => result.status === 'failed').length;
  // A suite that could not even be loaded has no results.
  return {
    passed,
    failed: status === 'failed' ? Math.max(failed, 1) : failed,
    skipped: assertionResults.length - passed - failed,
  };
}

/** @param {Suite[]} suites @returns {Suite[]} with the second results of those that failed */
function withSecondTry(suites) {
  const failed = suites.filter((suite) => suite.status === 'failed').map((suite) => suite.name);
  if (failed.length === 0 || failed.length > MOST_SUITES_AGAIN) return suites;
  process.stdout.write(`\nFailed, and run once more alone:\n${failed.map((name) => `  ${name}\n`).join('')}`);
  const again = new Map(
    test(['--runInBand', '--runTestsByPath', ...failed]).suites.map((suite) => [suite.name, suite]),
  );
  const recovered = failed.filter((name) => again.get(name)?.status === 'passed');
  process.stdout.write(
    `\nFailed at first and passed alone: ${recovered.length === 0 ? 'none' : recovered.join(', ')}\n`,
  );
  return suites.map((suite) => again.get(suite.name) ?? suite);
}

const counts = { passed: 0, failed: 0, skipped: 0 };
if (npm(['run', 'setup'])) {
  const deployment = buildDeployment();
  for (const check of CHECKS) counts[npm(['run', check]) ? 'passed' : 'failed'] += 1;
  await deployment;
}
const { succeeded, suites } = test([]);
for (const suite of withSecondTry(suites).map(count)) {
  counts.passed += suite.passed;
  counts.failed += suite.failed;
  counts.skipped += suite.skipped;
}
// Set-up or jest itself failed: that must never look like a run without failures.
const unexplained = !succeeded && suites.every((suite) => suite.status !== 'failed');
if (unexplained && counts.failed === 0) counts.failed += 1;

process.exitCode = counts.failed === 0 ? 0 : 1;
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
