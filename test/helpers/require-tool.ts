import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const skipsSchema = z.record(z.string(), z.string().min(1));

/**
 * A describe block that needs a tool which a developer's machine may lack. Without it the block is skipped at home, and
 * fails where CI is set, so that nothing goes untested unnoticed; unless test/skips.json names the tool with a reason.
 * @param tool what the block needs, as named in test/skips.json
 * @param isThere whether the tool is on this machine
 */
export function describeWithTool(tool: string, isThere: () => boolean, body: () => void): void {
  if (isThere()) {
    describe(`with ${tool}`, body);
    return;
  }
  const excused = Object.hasOwn(readSkips(), tool);
  if (excused || !inContinuousIntegration()) {
    describe.skip(`with ${tool}`, body);
    return;
  }
  describe(`with ${tool}`, () => {
    test(`${tool} is on this machine`, () => {
      throw new Error(`${tool} is missing: install it, or name it with a reason in test/skips.json.`);
    });
  });
}

function inContinuousIntegration(): boolean {
  const value = process.env['CI'] ?? '';
  return value !== '' && value !== 'false' && value !== '0';
}

function readSkips(): Record<string, string> {
  return skipsSchema.parse(JSON.parse(readFileSync(path.join(__dirname, '..', 'skips.json'), 'utf8')));
}
