/** Usage: node scripts/bundle-workflows.mjs ENTRY.js OUT.js; makes the bundle that workers load at their start. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const [entry, out] = process.argv.slice(2);
if (entry === undefined || out === undefined)
  throw new Error('Usage: node scripts/bundle-workflows.mjs ENTRY.js OUT.js');
try {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.resolve(entry),
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(out, code);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
