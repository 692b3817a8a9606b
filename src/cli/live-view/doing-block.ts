import { originInWords } from '../../report/words';
import type { NodeView } from '../../report/run-view';
import { clockWords } from './clock-words';
import type { Doing, FrameModel } from './frame-model';
import type { Line } from './styled-line';
import { padTo, widthOf } from '../text-width';

/** From here on a slot's last line of output stands behind what it does, else below it. */
const ONE_LINE_COLUMNS = 100;

/** What each slot does, in at most `rows` lines. */
export function doingBlock(model: FrameModel, columns: number, rows: number): Line[] {
  const { doings } = model;
  const whole = describe(doings, model, columns, true);
  if (whole.length <= rows) return whole;
  const short = describe(doings, model, columns, false);
  if (short.length <= rows) return short;
  const shown = Math.max(0, rows - 1);
  return [
    ...describe(doings.slice(0, shown), model, columns, false),
    [{ text: `  and ${doings.length - shown} more`, style: 'dim' }],
  ];
}

function describe(doings: readonly Doing[], model: FrameModel, columns: number, withLines: boolean): Line[] {
  const nodes = new Map(model.view.nodes.map((node) => [node.id, node]));
  const rows = doings.map((doing) => ({
    doing,
    name: nameOf(doing, nodes),
    clock: doing.since === null ? '' : clockWords((model.now - doing.since) / 1000),
  }));
  const nameWidth = Math.max(0, ...rows.map(({ name }) => widthOf(name)));
  const wordsWidth = Math.max(0, ...rows.map(({ doing }) => widthOf(doing.words)));
  const clockWidth = Math.max(0, ...rows.map(({ clock }) => widthOf(clock)));
  const isWide = columns >= ONE_LINE_COLUMNS;
  return rows.flatMap(({ doing, name, clock }) => {
    const words: Line = [
      { text: `  ${clock.padStart(clockWidth)}` },
      { text: `  ${padTo(name, nameWidth)}  `, style: 'strong' },
      { text: padTo(doing.words, wordsWidth), style: 'busy' },
    ];
    if (!withLines || doing.line === '') return [words];
    if (isWide) return [[...words, { text: `  ${doing.line}`, style: 'dim' }]];
    return [words, [{ text: `${' '.repeat(clockWidth + 4)}${doing.line}`, style: 'dim' }]];
  });
}

function nameOf({ node: id }: Doing, nodes: ReadonlyMap<number, NodeView>): string {
  if (id === null) return 'the run';
  const node = nodes.get(id);
  return node === undefined ? `node ${id}` : `${id} ${originInWords(node)}`;
}
