/** Runs the static checks and `npm test`, and closes with the numbers of both; .ci/run calls it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const CHECKS = ['format:check', 'lint', 'typecheck', 'check:bundle'];
const counts = { passed: 0, failed: 0, skipped: 0 };

/** @param {readonly string[]} args */
function npm(args) {
  process.stdout.write(`\n== npm ${args.join(' ')}\n`);
  return spawnSync('npm', args, { stdio: 'inherit' }).status === 0;
}

/** @param {string} file @returns {Record<string, number> | undefined} undefined when jest did not come to its end */
function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

if (npm(['run', 'setup'])) {
  for (const check of CHECKS) counts[npm(['run', check]) ? 'passed' : 'failed'] += 1;
}

const directory = mkdtempSync(path.join(os.tmpdir(), 'coppice-ci-'));
const file = path.join(directory, 'results.json');
const succeeded = npm(['test', '--', '--json', `--outputFile=${file}`]);
const results = readResults(file);
rmSync(directory, { recursive: true, force: true });

counts.passed += results?.numPassedTests ?? 0;
counts.failed += (results?.numFailedTests ?? 0) + (results?.numRuntimeErrorTestSuites ?? 0);
counts.skipped += (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
// Set-up or jest itself failed: that must never look like a run without failures.
if (!succeeded && counts.failed === 0) counts.failed += 1;

process.exitCode = counts.failed === 0 ? 0 : 1;
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
