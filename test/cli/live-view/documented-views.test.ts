import { PassThrough } from 'node:stream';
import stringWidth from 'string-width';
import { renderTable, widthsWithin } from '../../../src/cli/table';
import { wrapped } from '../../../src/cli/wrapped';
import { readPage } from '../../docs/documents';
import { captureContext } from '../command-harness';
import { frame, VIEWS_PAGE, viewsPage } from './shown-views';

const WRITE_IT = 'node --import tsx test/cli/live-view/write-views.ts';

test(`the page of the terminal views is what \`${WRITE_IT}\` writes`, async () => {
  expect(readPage(VIEWS_PAGE).text).toBe(await viewsPage());
});

test('the live view stands in docs/watching.md as it is', async () => {
  const blocks = readPage('docs/watching.md').blocks.map(({ text }) => text.trimEnd());
  const frames = blocks.filter((text) => text.startsWith('run '));

  expect(frames).toEqual([await frame(20, 80), await frame(1000, 200)]);
});

describe('on a terminal of 30 columns', () => {
  const stream = Object.assign(new PassThrough(), { columns: 30, rows: 24 });
  const { context } = captureContext({});
  const onTerminal = { ...context, terminal: { stream, coloured: false } };

  test('words are wrapped as wholes, what follows stands in, and a word that is too wide can still be copied', () => {
    const lines = [
      'files    /home/me/.coppice/runs/diamonds-1/nodes/12',
      'why      the task names 価格の対数 and a metric that is known',
      'two\nlines',
    ];

    expect(wrapped(onTerminal, lines, 9)).toEqual([
      'files    /home/me/.coppice/runs/diamonds-1/nodes/12',
      'why      the task names',
      '         価格の対数 and a',
      '         metric that is known',
      'two',
      'lines',
    ]);
    expect(wrapped(context, lines, 9)).toEqual(lines);
  });

  test('the widest columns of a table are wrapped between words, and nothing is cut off', () => {
    const header = ['run', 'best', 'cost'];
    const rows = [
      ['diamonds-1', '637.139 (node 12, selection 641.802)', '$0.50'],
      ['one-with-a-long-name', '3', '$1'],
    ];
    const within = (columns: number | null): string => renderTable(header, rows, widthsWithin(columns, header, rows));

    for (const line of within(50).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(50);
    for (const columns of [30, 50]) {
      for (const word of rows.flat().flatMap((cell) => cell.split(' '))) expect(within(columns)).toContain(word);
    }
    expect(within(200)).toBe(within(null));
    expect(within(null).split('\n')).toHaveLength(3);
  });
});
