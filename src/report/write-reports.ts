import type { CallLedger } from '../domain/call-ledger';
import type { ArtifactStore } from '../store/artifact-store';
import { writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { mapBounded } from '../store/map-bounded';
import { loadNodeTexts } from './node-texts';
import { renderReport } from './report-markdown';
import type { RunView } from './run-view';
import { renderTreeHtml } from './tree-html';
import { MOST_DRAWN, treePicture } from './tree-picture';

/** Most output of one script on the tree page, in characters. */
const OUTPUT_LIMIT = 12_000;

/** Most output of all scripts together on the tree page, so that browsers open it also with thousands of nodes. */
const TOTAL_OUTPUT_LIMIT = 16_000_000;

const NODES_AT_ONCE = 16;

/**
 * Makes `report.md` and `tree.html` of a run from its files and stores them, and what a replay came to.
 *
 * @param ledger what the run's model calls came to
 * @returns the store keys of what was written
 * @throws StoreError when a file cannot be read or written
 */
export async function writeReports(store: ArtifactStore, view: RunView, ledger: CallLedger): Promise<string[]> {
  const keys = runKeys(view.runId);
  const outputLimit = Math.min(
    OUTPUT_LIMIT,
    Math.floor(TOTAL_OUTPUT_LIMIT / Math.max(1, Math.min(view.nodes.length, MOST_DRAWN))),
  );
  const picture = treePicture(view);
  const texts = await mapBounded(picture.drawn, NODES_AT_ONCE, ({ id }) =>
    loadNodeTexts(store, view.runId, id, outputLimit),
  );
  const story = (await store.read(keys.story.text))?.toString('utf8') ?? null;
  await store.write(keys.report, renderReport(view, { ledger, story }));
  await store.write(keys.tree, renderTreeHtml(picture, texts));
  if (view.replay === null) return [keys.report, keys.tree];
  await writeJson(store, keys.replay, view.replay);
  return [keys.report, keys.tree, keys.replay];
}
