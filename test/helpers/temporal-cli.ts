import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const setupFile = path.resolve(__dirname, '..', '..', '.coppice', 'setup.json');

/** The Temporal CLI for tests: COPPICE_TEMPORAL_CLI, else the one that set-up fetched into the checkout. */
export function temporalCliPath(): string {
  const named = process.env['COPPICE_TEMPORAL_CLI'];
  if (named) return named;
  if (existsSync(setupFile)) {
    const setup = z.object({ temporal: z.string() }).safeParse(JSON.parse(readFileSync(setupFile, 'utf8')));
    if (setup.success) return setup.data.temporal;
  }
  throw new Error('These tests need the Temporal CLI: run `npm run setup`, or name one by COPPICE_TEMPORAL_CLI.');
}
