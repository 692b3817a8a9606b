import type { ArtifactStore } from '../store/artifact-store';
import { runKeys } from '../store/run-keys';
import { mapBounded } from '../store/map-bounded';
import { loadNodeTexts } from './node-texts';
import { renderReport } from './report-markdown';
import type { RunView } from './run-view';
import { renderTreeHtml } from './tree-html';

/** Most output of one script on the tree page, in characters. */
const OUTPUT_LIMIT = 20_000;

/** Most output of all scripts together on the tree page, so that browsers open it also with thousands of nodes. */
const TOTAL_OUTPUT_LIMIT = 16_000_000;

const NODES_AT_ONCE = 16;

/**
 * Makes `report.md` and `tree.html` of a run from its files and stores them.
 *
 * @returns the store keys of what was written
 * @throws StoreError when a file cannot be read or written
 */
export async function writeReports(store: ArtifactStore, view: RunView): Promise<string[]> {
  const keys = runKeys(view.runId);
  const outputLimit = Math.min(OUTPUT_LIMIT, Math.floor(TOTAL_OUTPUT_LIMIT / Math.max(1, view.nodes.length)));
  const texts = await mapBounded(view.nodes, NODES_AT_ONCE, ({ id }) =>
    loadNodeTexts(store, view.runId, id, outputLimit),
  );
  await store.write(keys.report, renderReport(view));
  await store.write(keys.tree, renderTreeHtml(view, texts));
  return [keys.report, keys.tree];
}
