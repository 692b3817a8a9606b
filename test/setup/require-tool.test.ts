import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const REPOSITORY = path.resolve(__dirname, '..', '..');

/** Runs one test file that needs a missing tool, in a project of its own, and gives jest's numbers. */
function runWithoutTool(ci: string, skips: object): { passed: number; failed: number; skipped: number } {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'coppice-tool-'));
  try {
    mkdirSync(path.join(directory, 'test', 'helpers'), { recursive: true });
    symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(directory, 'node_modules'));
    for (const file of ['jest.config.js', 'test/slow-suites-first.cjs', 'test/helpers/require-tool.ts']) {
      copyFileSync(path.join(REPOSITORY, file), path.join(directory, file));
    }
    writeFileSync(path.join(directory, 'test', 'skips.json'), JSON.stringify(skips));
    writeFileSync(
      path.join(directory, 'test', 'needs.test.ts'),
      "import { describeWithTool } from './helpers/require-tool';\n" +
        "describeWithTool('spanner', () => false, () => { test('turns', () => {}); });\n" +
        "describeWithTool('hammer', () => true, () => { test('hits', () => {}); });\n",
    );
    const jest = path.join(REPOSITORY, 'node_modules', 'jest', 'bin', 'jest.js');
    const { stdout } = spawnSync(process.execPath, [jest, '--json'], {
      cwd: directory,
      env: { PATH: process.env['PATH'], CI: ci },
      encoding: 'utf8',
    });
    const results = JSON.parse(stdout) as Record<string, number>;
    return {
      passed: results['numPassedTests']!,
      failed: results['numFailedTests']!,
      skipped: results['numPendingTests']!,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('a test whose tool is missing', () => {
  test('is skipped on a machine at home', () => {
    expect(runWithoutTool('', {})).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });

  test('fails where CI is set', () => {
    expect(runWithoutTool('true', {})).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('is skipped where CI is set when test/skips.json gives a reason', () => {
    expect(runWithoutTool('true', { spanner: 'not packaged here' })).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });
});
