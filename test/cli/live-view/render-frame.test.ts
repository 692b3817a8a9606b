import stringWidth from 'string-width';
import type { FrameModel } from '../../../src/cli/live-view/frame-model';
import { renderFrame } from '../../../src/cli/live-view/render-frame';
import { madeUpModel, modelOf } from './made-up-run';

const PLAIN = { coloured: false };

describe.each([3, 20, 1000])('a frame of a run of %i nodes', (count) => {
  let model: FrameModel;

  beforeAll(async () => {
    model = await madeUpModel(count);
  });

  test.each([
    [30, 12],
    [40, 24],
    [80, 24],
    [100, 30],
    [200, 50],
  ])('fits a terminal of %i columns and %i rows and tells what matters', (columns, rows) => {
    const lines = renderFrame(model, { columns, rows, ...PLAIN });
    const text = lines.join('\n');

    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    const best = model.view.state?.best;
    expect(text).toContain(`best   ${best?.metric ?? ''}  node ${best?.id ?? ''}`.slice(0, columns - 1));
    expect(text).toContain('diamonds-1');
    if (rows < 24) return;
    // The best node and every slot stand in the tree, however much of it is folded.
    expect(text).toContain('★ best');
    for (const { node } of model.doings) expect(text).toMatch(new RegExp(`─ ${String(node)} .*…`));
  });
});

test('a frame tells steps, budget, what each slot does with its last line, and the latest nodes', async () => {
  const lines = renderFrame(await madeUpModel(20), { columns: 120, rows: 40, ...PLAIN });

  expect(lines).toEqual(
    expect.arrayContaining([
      'run    diamonds-1 · running · rmse (minimize) of diamonds',
      'by     large at endpoint · isolated by process only',
      expect.stringMatching(/^steps {2}█+░+ 18 of 22 · 15 working, 3 failed · about \d+ s left$/),
      'budget 4:03 of 6:00:00 working time · 40 calls · 150,000 tokens · $1.25 of $5.00',
      '  11:58  19 improve of 15  runs the script  fold 3 of 5: rmse 548.21, 112 s',
      '   0:03  20 improve of 8   asks the model',
      expect.stringMatching(/^ {2}13 s ago {2}18 improve of 8 {3}rmse 650\.316 .*4\.1 s {2}Mean of two models/),
    ]),
  );
});

test('of the latest nodes the newest stands first', async () => {
  const lines = renderFrame(await madeUpModel(20), { columns: 120, rows: 40, ...PLAIN });
  const latest = lines.slice(lines.indexOf('latest') + 1).map((line) => Number(/ago {2}(\d+) /.exec(line)?.[1]));

  expect(latest).toEqual([18, 17, 16, 15, 14, 13]);
});

test('what is folded is counted: shown and folded nodes are all there are', async () => {
  const lines = renderFrame(await madeUpModel(1000), { columns: 80, rows: 24, ...PLAIN });
  const tree = lines.slice(lines.findIndex((line) => line.startsWith('tree')) + 1, lines.indexOf('latest'));
  const folded = tree.flatMap(
    (line) => / {2}\+(\d+)/.exec(line)?.[1] ?? / ([\d,]+) more nodes? folded/.exec(line)?.[1] ?? [],
  );
  const shown = tree.filter((line) => !line.includes('more node'));

  expect(shown.length + folded.reduce((sum, number) => sum + Number(number), 0)).toBe(1000);
});

test('a node that does not stand below its parent names it', async () => {
  const lines = renderFrame(await madeUpModel(1000), { columns: 80, rows: 24, ...PLAIN });
  const jumps = lines.filter((line) => /[├└]┄ \d+ /.test(line) && !line.includes('more'));

  expect(jumps.length).toBeGreaterThan(0);
  for (const line of jumps) expect(line).toMatch(/ improve of \d+ /);
});

test('notices and a finer state stand in the head', async () => {
  const notices = ['no worker polls coppice-exec: the run waits until one is started'];
  const lines = renderFrame(await madeUpModel(3, { phase: 'final selection', notices }), {
    columns: 100,
    rows: 24,
    ...PLAIN,
  });

  expect(lines[0]).toBe('run    diamonds-1 · final selection · rmse (minimize) of diamonds');
  expect(lines).toContain(`!      ${notices[0] ?? ''}`);
});

test('what models and scripts write cannot move the cursor, and wide characters are cut as wholes', async () => {
  const title = '\u001b[2J\u001b[31mred\r\nnew 価格の対数を予測する 🌲🌲🌲🌲🌲🌲🌲🌲🌲🌲🌲🌲';
  const model = await modelOf(
    [
      { id: 1, metric: 5, title },
      { id: 2, stage: 'executing' },
    ],
    { steps: 3 },
  );
  const doings = model.doings.map((doing) => ({ ...doing, line: '\u001b]0;title\u0007 100 %\r' }));
  for (const columns of [39, 40, 41, 42, 43]) {
    const lines = renderFrame({ ...model, doings }, { columns, rows: 24, ...PLAIN });
    // eslint-disable-next-line no-control-regex -- that there is none is what is tested
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f]/);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  }
});

test('colours are an addition: without them the frame says the same', async () => {
  const model = await madeUpModel(20);
  const size = { columns: 100, rows: 30 };
  const coloured = renderFrame(model, { ...size, coloured: true });

  expect(coloured.join('')).toContain('\u001b[32m');
  // eslint-disable-next-line no-control-regex -- colours are control characters
  expect(coloured.map((line) => line.replace(/\u001b\[\d+m/g, '').trimEnd())).toEqual(
    renderFrame(model, { ...size, ...PLAIN }),
  );
});

test('a pruned node says so and is not taken for a good one', async () => {
  const model = await modelOf(
    [
      { id: 1, metric: 5 },
      { id: 2, parent: 1, metric: 1 },
    ],
    { steps: 3 },
  );
  const { state } = model.view;
  const view = { ...model.view, state: state === null ? null : { ...state, pruned: [2], best: { id: 1, metric: 5 } } };
  const lines = renderFrame({ ...model, view }, { columns: 100, rows: 24, ...PLAIN });

  expect(lines).toContain('├─ 1 draft  5  ★ best  Plan of node 1'.replace('├', '└'));
  expect(lines).toContain('   └─ 2 improve  1  pruned  Plan of node 2');
});
