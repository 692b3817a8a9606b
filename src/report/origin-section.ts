import { counted } from '../domain/format';
import { escapeMarkdown, markdownTable } from './markdown';
import { DIFFERENCE_HEADER, differenceRows, replayInWords } from './replay-words';
import type { RunView } from './run-view';

/** Most rows of the table; `replay.json` has them all. */
const TABLE_ROWS = 200;

/** What a run took from another one, and of a replay what came of it; empty for a run of its own. */
export function renderOrigin(view: RunView): string {
  return [renderFork(view), renderReplay(view)].filter((section) => section !== '').join('\n\n');
}

function renderFork({ fork }: RunView): string {
  if (fork === null) return '';
  const { source, node, nodes, usage } = fork;
  return [
    '## Taken over',
    '',
    `This run is a fork of run ${escapeMarkdown(source)}: it took over the ${counted(nodes, 'node')} recorded there up ` +
      `to node ${node}. Their steps, their working time and their ${counted(usage.calls, 'model call')} ` +
      `(${usage.promptTokens} + ${usage.completionTokens} tokens) are counted in all totals here; ` +
      `the calls were made and paid for there.`,
  ].join('\n');
}

function renderReplay({ replay }: RunView): string {
  if (replay === null) return '';
  const rows = differenceRows(replay);
  const shown = rows.slice(0, TABLE_ROWS).map((cells) => cells.map(escapeMarkdown));
  const left = rows.length - shown.length;
  return [
    '## Replay',
    '',
    `The scripts of run ${escapeMarkdown(replay.source)} were run again; no model was called. ` +
      `${escapeMarkdown(replayInWords(replay))}.`,
    ...(shown.length === 0 ? [] : ['', markdownTable(DIFFERENCE_HEADER, shown)]),
    ...(left === 0 ? [] : ['', `${counted(left, 'further node')}: see replay.json.`]),
  ].join('\n');
}
