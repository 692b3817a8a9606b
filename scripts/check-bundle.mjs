/**
 * Looks into the built workflow bundle: everything in it runs in Temporal's deterministic sandbox and replays for years,
 * so nothing may get in by accident. Usage: node scripts/check-bundle.mjs [BUNDLE]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN_PARTS = ['workflows', 'policy', 'domain'];
const PACKAGES = [
  '@temporalio/common',
  '@temporalio/workflow',
  'long',
  'ms',
  'nexus-rpc',
  'parse-duration',
  'pure-rand',
  'zod',
];
/** Left out by the bundler on purpose: converters that this program does not have. */
const LEFT_OUT = ['__temporal_custom_payload_converter', '__temporal_custom_failure_converter'];

const checkout = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const file = path.resolve(process.argv[2] ?? path.join(checkout, 'lib', 'workflow-bundle.js'));
const code = readFileSync(file, 'utf8');
const modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"\n.*\n {2}!\*{3} (.*) \*{3}!$/gm)].map(
  ([, id = '', name = '']) => (id.startsWith('?') ? name : id),
);

/** @param {string} module what is wrong with its being there */
function problemWith(module) {
  if (LEFT_OUT.some((name) => module === `${name} (ignored)`)) return undefined;
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module);
  if (inPackage !== null) {
    const [, name = ''] = inPackage;
    return PACKAGES.includes(name) ? undefined : `the package ${name}`;
  }
  const own = /^\.\/(?:\.lib-next|lib|src)\/([^/]+)\//.exec(module);
  if (own !== null)
    return OWN_PARTS.includes(own[1] ?? '') ? undefined : `src/${own[1]} (${module}): import its types only`;
  return `${module}, which workflow code cannot use`;
}

const problems = [...new Set(modules.map(problemWith))].filter((problem) => problem !== undefined);
if (modules.length === 0) problems.push('no module at all: has the format of the bundle changed?');
const size = `${(code.length / 1024 ** 2).toFixed(1)} MiB, ${modules.length} modules`;
if (problems.length === 0) {
  process.stdout.write(`The workflow bundle is clean: ${size}.\n`);
} else {
  process.stderr.write(`The workflow bundle (${size}) holds what it must not:\n`);
  for (const problem of problems) process.stderr.write(`  - ${problem}\n`);
  process.exitCode = 1;
}
