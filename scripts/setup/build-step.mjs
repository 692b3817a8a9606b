import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { toolFailure } from './failure.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { runTool } from './tools.mjs';

const INPUTS = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/bundle-workflows.mjs'];
const NEXT = '.lib-next';

/** @type {import('./steps.mjs').Step} */
export const buildStep = {
  name: 'build',
  inspect: (context) => {
    const stamp = readStamp(path.join(context.checkout, 'lib', '.build.json'));
    if (stamp === undefined) return { ready: false, detail: 'not built', fix: 'Run "npm run setup".' };
    if (stamp.fingerprint !== fingerprint(context.checkout, INPUTS)) {
      return { ready: false, detail: 'older than the sources', fix: 'Run "npm run setup".' };
    }
    const missing = ['cli/main.js', 'workflow-bundle.js'].find(
      (file) => !existsSync(path.join(context.checkout, 'lib', file)),
    );
    if (missing !== undefined)
      return { ready: false, detail: `lib/${missing} is missing`, fix: 'Run "npm run setup".' };
    return { ready: true, detail: 'lib is up to date' };
  },
  make: async (context) => {
    const next = path.join(context.checkout, NEXT);
    // Taken before the compiler reads: a source saved meanwhile makes the build stale, as it must.
    const inputs = fingerprint(context.checkout, INPUTS);
    rmSync(next, { recursive: true, force: true });
    await compile(context);
    await bundle(context, next);
    writeStamp(path.join(next, '.build.json'), { fingerprint: inputs });
    replace(context.checkout, next);
  },
};

/** @param {import('./context.mjs').Context} context */
async function compile(context) {
  const compiler = path.join(context.checkout, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', NEXT, '--noEmitOnError'];
  const result = await runTool(context, process.execPath, args);
  if (!result.ok) throw toolFailure('The TypeScript compiler failed on src', result, context, 'Mend the errors above.');
}

/** @param {import('./context.mjs').Context} context @param {string} next */
async function bundle(context, next) {
  const script = path.join(context.checkout, 'scripts', 'bundle-workflows.mjs');
  const args = [script, path.join(next, 'workflows', 'index.js'), path.join(next, 'workflow-bundle.js')];
  const result = await runTool(context, process.execPath, args);
  if (!result.ok)
    throw toolFailure('The workflow code could not be bundled', result, context, 'Mend the errors above.');
}

/**
 * Puts the finished build in place by renames, so that no process ever finds half of one.
 * @param {string} checkout @param {string} next
 */
function replace(checkout, next) {
  const lib = path.join(checkout, 'lib');
  for (const name of readdirSync(checkout)) {
    if (name.startsWith('.lib-next.old.')) rmSync(path.join(checkout, name), { recursive: true, force: true });
  }
  const old = `${next}.old.${process.pid}`;
  if (existsSync(lib)) renameSync(lib, old);
  renameSync(next, lib);
  rmSync(old, { recursive: true, force: true });
}
