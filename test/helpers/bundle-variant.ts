import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const CHECKOUT = path.join(__dirname, '..', '..');

/** The workflow as it would be with one of its files changed. */
export async function bundleVariant(
  file: string,
  change: (source: string) => string,
): Promise<WorkflowBundleWithSourceMap> {
  const directory = mkdtempSync(path.join(tmpdir(), 'coppice-variant-'));
  try {
    cpSync(path.join(CHECKOUT, 'src'), path.join(directory, 'src'), { recursive: true });
    symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(directory, 'node_modules'));
    const changed = path.join(directory, 'src', 'workflows', file);
    const source = readFileSync(changed, 'utf8');
    const variant = change(source);
    if (variant === source) throw new Error(`${file} no longer has what this test changes`);
    writeFileSync(changed, variant);
    return await bundleWorkflowCode({
      workflowsPath: path.join(directory, 'src', 'workflows', 'index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
