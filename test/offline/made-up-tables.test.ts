import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { previewData } from '../../src/task/preview';
import { makeTable } from './support/made-up-table';
import { searchOffline } from './support/offline-search';

/** Consecutive ones: four have every kind of target and every relation to it. */
const TABLES = Number(process.env['COPPICE_TEST_TABLES'] ?? 4);
const STEPS = 8;
/** Scripts that run at the same time. */
const AT_ONCE = 2;

interface Outcome {
  readonly text: string;
  readonly beatsDummy: boolean;
  readonly beatsFirstDraft: boolean;
  readonly failed: number;
}

async function solve(seed: number, directory: string): Promise<Outcome> {
  const made = makeTable(seed, path.join(directory, 'input'));
  const preview = await previewData(made.task.dataDirectory);
  const { nodes, best } = await searchOffline({ task: made.task, preview, directory, steps: STEPS, seed });
  const hidden = (submission: string | null | undefined): number =>
    typeof submission === 'string' ? made.hiddenError(submission) : Infinity;
  const first = hidden(nodes[0]?.run.submission);
  const found = hidden(best?.run.submission);
  const failures = nodes.filter(({ run }) => run.metric === null);
  const notes = failures.map(({ id, title, run }) => `\n  node ${id} (${title}): ${run.output.slice(-300)}`);
  const errors = `dummy ${made.dummyError.toFixed(4)}, first draft ${first.toFixed(4)}, best ${found.toFixed(4)}`;
  return {
    text: `${made.description}: ${errors}${notes.join('')}`,
    beatsDummy: found < made.dummyError,
    beatsFirstDraft: found < first,
    failed: failures.length,
  };
}

test('over made-up tables the search beats a dummy everywhere and its first draft nearly everywhere', async () => {
  const chosen = process.env['COPPICE_TEST_SEED'];
  const start = chosen === undefined ? Date.now() % 1_000_000 : Number(chosen);
  const directory = mkdtempSync(path.join(os.tmpdir(), 'coppice-offline-'));
  const seeds = Array.from({ length: TABLES }, (_, index) => start + index);
  const outcomes: Outcome[] = [];
  const waiting = [...seeds];
  const work = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      outcomes.push(await solve(seed, path.join(directory, String(seed))));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    process.stderr.write(`COPPICE_TEST_SEED=${start}\n${outcomes.map(({ text }) => `${text}\n`).join('')}`);
    rmSync(directory, { recursive: true, force: true });
  }
  expect(outcomes.filter(({ beatsDummy }) => beatsDummy)).toHaveLength(TABLES);
  expect(outcomes.filter(({ beatsFirstDraft }) => beatsFirstDraft).length).toBeGreaterThanOrEqual(
    Math.floor(0.7 * TABLES),
  );
  expect(outcomes.reduce((sum, { failed }) => sum + failed, 0)).toBe(0);
}, 900_000);
