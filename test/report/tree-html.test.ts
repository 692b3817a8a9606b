import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import { loadRunView } from '../../src/report/run-view';
import { colourAt, scoreColours } from '../../src/report/score-colour';
import { renderTreeHtml } from '../../src/report/tree-html';
import { MOST_DRAWN, treePicture } from '../../src/report/tree-picture';
import { writeReports } from '../../src/report/write-reports';
import { createDirectoryStore } from '../../src/store/directory-store';
import { findCommand } from '../helpers/find-command';
import { describeWithTool } from '../helpers/require-tool';
import type { FixtureNode, FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { gradedRun, openRun } from './graded-run';
import { madeUpTree } from './made-up-tree';

/** What the page's filters know of a node. */
interface Row {
  readonly id: number;
  readonly y: number | null;
}

const HOSTILE =
  '</script><script>document.title = "broken"</script><img src=x onerror="document.title=\'broken\'"><!--';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-tree-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function writeTree(fixture: FixtureRun): Promise<string> {
  const store = createDirectoryStore(root);
  await writeRun(store, fixture);
  const view = await loadRunView(store, fixture.runId);
  await writeReports(store, view!, await readCallLedger(store, fixture.runId));
  return path.join(root, fixture.runId, 'tree.html');
}

test('the page needs nothing from outside and lets in no text as markup', async () => {
  const nodes = [{ id: 1, metric: 1, title: HOSTILE, plan: HOSTILE, code: HOSTILE, output: HOSTILE, summary: HOSTILE }];
  const html = await readFile(await writeTree({ runId: 'r', nodes }), 'utf8');

  expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
  expect(html).not.toContain('</script><script>document');
  expect(html).not.toContain('<!--');
  // The index, the texts of the node, and the page's own script.
  expect(html.match(/<script/g)).toHaveLength(3);
});

test('the best score has the best colour in either direction, and equal scores the same', () => {
  const [least, most] = [scoreColours([1, 5, 9], 'minimize'), scoreColours([1, 5, 9], 'maximize')];

  expect([least(1), least(9)]).toEqual([colourAt(1), colourAt(0)]);
  expect([most(1), most(9)]).toEqual([colourAt(0), colourAt(1)]);
  expect(least(5)).toBe(most(5));
});

test('long outputs lose their middle', async () => {
  const output = `first line\n${'x'.repeat(100_000)}\nmetric: 1\n`;
  const html = await readFile(await writeTree({ runId: 'r', nodes: [{ id: 1, metric: 1, output }] }), 'utf8');

  expect(html.length).toBeLessThan(60_000);
  expect(html).toContain('first line');
  expect(html).toContain('characters left out');
  expect(html).toContain('metric: 1');
});

test('labels that a script could have read are called not hidden on the page', async () => {
  expect(await readFile(await writeTree(openRun()), 'utf8')).toContain('not hidden: a script ran without isolation');
  expect(await readFile(await writeTree(gradedRun()), 'utf8')).not.toContain('not hidden');
});

const chromiumPath = process.env['COPPICE_CHROMIUM'] ?? findCommand('chromium', 'chromium-browser', 'google-chrome');

describeWithTool(
  'chromium',
  () => chromiumPath !== undefined,
  () => {
    let browser: Browser;
    let page: Page;
    let requests: string[];
    let errors: string[];

    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: chromiumPath ?? '',
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
    });

    afterAll(() => browser.close());

    beforeEach(async () => {
      page = await browser.newPage();
      requests = [];
      errors = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => errors.push(message.text()));
    });

    afterEach(() => page.close());

    test('a click shows plan, code, output and review of a node, as text', async () => {
      const nodes: FixtureNode[] = [
        { id: 1, metric: 5 },
        { id: 2, parent: 1, metric: 4, plan: HOSTILE, code: `${HOSTILE}\n`, output: 'metric: 4\n', summary: 'Better.' },
        { id: 3, parent: 1, reason: 'timeout', message: 'ended after 60 s' },
      ];
      const file = await writeTree({ runId: 'r', nodes });
      await page.goto(`file://${file}`);
      const details = page.locator('#details');

      expect(await details.locator('h2').textContent()).toContain('Node 2');
      await page.locator('#node-3').click();
      expect(await details.textContent()).toContain('ended after 60 s');
      await page.locator('#node-2').click();
      const texts = await details.locator('pre:not(.diff)').allTextContents();
      expect(texts).toEqual([HOSTILE, 'Better.', `${HOSTILE}\n`, 'metric: 4\n']);
      expect(await details.locator('pre.diff .went').allTextContents()).toEqual(["-print('node 1')\n"]);
      expect(await details.locator('pre.diff .came').allTextContents()).toEqual([`+${HOSTILE}\n`]);
      expect(await page.title()).toContain('r – solution tree');
      expect(requests).toEqual([`file://${file}`]);
      expect(errors).toEqual([]);
    });

    test('the arrow keys move through the tree and Enter shows a node', async () => {
      const nodes = [
        { id: 1, metric: 5 },
        { id: 2, metric: 6 },
        { id: 3, parent: 2, metric: 7 },
      ];
      await page.goto(`file://${await writeTree({ runId: 'r', nodes })}`);
      const focused = (): Promise<string> => page.evaluate('document.activeElement.id');

      await page.keyboard.press('/');
      expect(await focused()).toBe('find');
      await page.keyboard.press('Escape');
      expect(await focused()).toBe('node-1');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      expect(await focused()).toBe('node-3');
      await page.keyboard.press('Enter');
      expect(await page.locator('#details h2').textContent()).toContain('Node 3');
      await page.keyboard.press('ArrowLeft');
      expect(await focused()).toBe('node-2');
      await page.keyboard.press('Home');
      expect(await focused()).toBe('node-1');
    });

    test('a doubted node has a sign, and its details tell all its scores and why it is doubted', async () => {
      await page.goto(`file://${await writeTree(gradedRun())}`);

      expect(await page.locator('g.node .doubt').count()).toBe(1);
      expect(await page.locator('#node-3').getAttribute('aria-label')).toContain('doubted: fitted before the split');
      expect(await page.locator('#node-4').getAttribute('aria-label')).toContain('the best');
      expect(await page.locator('header').textContent()).toContain('553.25 on the rows kept back, 3.75 worse');
      await page.locator('#node-3').click();
      const facts = await page.locator('.facts-table').textContent();
      for (const words of ['480 ± 8', 'selection score560 ± 9', "script's own score120", 'Line 14: the target']) {
        expect(facts).toContain(words);
      }
    });

    test('colour tells the score, shape the state, and the ground follows the reader', async () => {
      const nodes: FixtureNode[] = [
        { id: 1, metric: 5 },
        { id: 2, metric: 6 },
        { id: 3, reason: 'exception' },
        { id: 4, stage: 'executing' },
      ];
      await page.goto(`file://${await writeTree({ runId: 'r', nodes })}`);
      const fillOf = (id: number): Promise<string | null> =>
        page.locator(`#node-${id} circle.shape`).getAttribute('fill');

      expect(await fillOf(1)).not.toBe(await fillOf(2));
      expect(await page.locator('#node-1 .ring').count()).toBe(1);
      expect(await page.locator('#node-3 circle, #node-4 circle').count()).toBe(0);
      const pathOf = (id: number): Promise<string | null> => page.locator(`#node-${id} path.shape`).getAttribute('d');
      expect(await pathOf(3)).not.toBe(await pathOf(4));
      expect(await page.locator('#node-4').getAttribute('aria-label')).toContain('in flight');
      const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await ground();
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await ground()).not.toBe(light);
    });

    test('a thousand nodes can be narrowed down and gone through', async () => {
      await page.goto(`file://${await writeMadeUpTree(1000)}`);
      const matches = (): Promise<string | null> => page.locator('#matches').textContent();
      const chosen = (): Promise<string | null> => page.locator('#details h2').textContent();

      expect(await matches()).toBe('1000 nodes');
      await page.locator('#find').fill('average MODELS');
      expect(await matches()).toBe('200 of 1000');
      await page.locator('#state').selectOption('working');
      await page.locator('#operator').selectOption('debug');
      await page.locator('#most').fill('230');
      const left = await idsOf(page, '.match');
      expect(left).toHaveLength(Number.parseInt((await matches()) ?? '', 10));
      expect(left.length).toBeGreaterThan(1);
      expect(left.length).toBeLessThan(40);
      await page.locator('#next').click();
      const first = await chosen();
      await page.keyboard.press('n');
      expect(await chosen()).not.toBe(first);
      await page.keyboard.press('p');
      expect(await chosen()).toBe(first);
      await page.locator('#find').fill('node 12');
      await page.locator('#state').selectOption('');
      await page.locator('#operator').selectOption('');
      await page.locator('#most').fill('');
      expect(await matches()).toBe('1 of 1000');
      await page.keyboard.press('Escape');
      expect(await matches()).toBe('1000 nodes');
      expect(errors).toEqual([]);
    });

    test.each([
      ['state', 'pruned', ({ id }: Row) => [7, 17, 20].includes(id)],
      ['state', 'best-path', ({ id }: Row) => [1, 13, 22, 35].includes(id)],
      ['state', 'doubted', ({ id }: Row) => [17, 34].includes(id)],
      ['state', 'in_flight', ({ id }: Row) => id > 38],
      ['operator', 'inject', ({ id }: Row) => id === 8],
      ['least', '430.9', ({ y }: Row) => y !== null && y >= 430.9],
      ['most', '430,9', ({ y }: Row) => y !== null && y <= 430.9],
    ])('the filter %s: %s shows just what it says', async (field, value, isMeant) => {
      await page.goto(`file://${await writeMadeUpTree(40, [7])}`);
      const rows = await page.evaluate<Row[]>("JSON.parse(document.querySelector('#index').textContent).nodes");
      if (field === 'state' || field === 'operator') await page.locator(`#${field}`).selectOption(value);
      else await page.locator(`#${field}`).fill(value);
      const meant = rows.filter(isMeant).map(({ id }) => `node-${id}`);

      expect(meant.length).toBeGreaterThan(0);
      expect((await idsOf(page, '.match')).sort()).toEqual(meant.sort());
    });

    test('the way to the best, what people pruned, injected and noted, and the chart', async () => {
      await page.goto(`file://${await writeMadeUpTree(40, [7])}`);
      const label = (id: number): Promise<string | null> => page.locator(`#node-${id}`).getAttribute('aria-label');

      expect(await idsOf(page, '.pruned')).toEqual(['node-7', 'node-17', 'node-20']);
      expect(await label(17)).toContain('pruned');
      expect(await idsOf(page, '.on-best-path')).toEqual(['node-1', 'node-13', 'node-22', 'node-35']);
      expect(await page.locator('#node-8 .frame').count()).toBe(1);
      expect(await label(31)).toContain('noted: public 0.83, private 0.81');
      await page.locator('#node-31').click();
      expect(await page.locator('.facts-table').textContent()).toContain(
        'Notedpublic 0.83, private 0.81Notesent on Tuesday',
      );
      // The best so far falls only; every working node has a point, those that were pruned in a colour of their own.
      expect(await page.locator('#chart .best-line').getAttribute('d')).toMatch(
        /^M[\d.]+,[\d.]+(H[\d.]+V[\d.]+){5,}H[\d.]+$/,
      );
      const points = await chartPoints(page);
      expect(points.match(/M/g)).toHaveLength(30);
      expect((await page.locator('#chart .points.pruned').getAttribute('d'))?.match(/M/g)).toHaveLength(3);
      await page.locator('#chart').click({ position: await pointOf(page) });
      expect(await page.locator('#details h2').textContent()).toContain('Node 35');
    });

    test.each([
      [20, 1280, 800],
      [40, 1280, 800],
      [6, 390, 844],
    ])('a tree of %d nodes is wholly to be seen when it opens at %d by %d pixels', async (size, width, height) => {
      await page.setViewportSize({ width, height });
      await page.goto(`file://${await writeMadeUpTree(size)}`);

      expect(await nodesInSight(page)).toBe(size);
    });

    test.each([
      [1280, 800],
      [390, 844],
    ])('a thousand nodes open at %d by %d pixels in their own size, around the best', async (width, height) => {
      await page.setViewportSize({ width, height });
      await page.goto(`file://${await writeMadeUpTree(1000)}`);
      const [best, canvas] = await Promise.all(['g.node.best', '#canvas'].map((it) => page.locator(it).boundingBox()));

      expect(await page.evaluate("document.querySelector('#tree').getScreenCTM().a")).toBeCloseTo(1);
      expect(best!.x).toBeGreaterThan(canvas!.x);
      expect(best!.x + 100).toBeLessThan(canvas!.x + canvas!.width);
      expect(best!.y).toBeGreaterThan(canvas!.y);
      expect(best!.y + best!.height).toBeLessThan(canvas!.y + canvas!.height);
    });

    test('a tree that is too large for a browser is drawn in part, with the whole chart', async () => {
      const file = await writeMadeUpTree(6000);
      expect((await stat(file)).size).toBeLessThan(60_000_000);
      await page.goto(`file://${file}`);

      expect(await page.locator('g.node').count()).toBe(MOST_DRAWN);
      expect(await page.locator('.left-out').textContent()).toContain('3000 of 6000 nodes are drawn');
      const points = await chartPoints(page);
      expect(points.match(/M/g)).toHaveLength(4798);
      await page.locator('#node-5999').focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('#details h2').textContent()).toContain('Node 5999');
      expect(errors).toEqual([]);
    }, 60_000);

    test.each([
      [1400, 900],
      [390, 844],
    ])('nothing sticks out at %d pixels', async (width, height) => {
      await page.setViewportSize({ width, height });
      await page.goto(`file://${await writeMadeUpTree(40)}`);

      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.evaluate("document.querySelector('#chart svg').clientWidth")).toBeLessThanOrEqual(width);
      await page.locator('#fit').click();
      const [tree, canvas] = await Promise.all(['#tree', '#canvas'].map((id) => page.locator(id).boundingBox()));
      expect(tree!.width).toBeLessThanOrEqual(canvas!.width);
    });
  },
);

function idsOf(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`Array.from(document.querySelectorAll('g.node${selector}'), (node) => node.id)`);
}

/** How many nodes stand wholly within what the drawing shows of itself. */
function nodesInSight(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const frame = document.querySelector('#canvas').getBoundingClientRect();
    return Array.from(document.querySelectorAll('g.node'), (node) => node.getBoundingClientRect()).filter(
      (box) => box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom,
    ).length;
  })()`);
}

/** The paths of all points of the chart, one after the other. */
function chartPoints(page: Page): Promise<string> {
  return page.evaluate<string>(
    "Array.from(document.querySelectorAll('#chart .points'), (path) => path.getAttribute('d')).join('')",
  );
}

/** Where the chart marks the chosen node; of the page as it opens, the best one. */
async function pointOf(page: Page): Promise<{ x: number; y: number }> {
  await page.keyboard.press('b');
  const mark = page.locator('#chart-chosen');
  const [x, y] = await Promise.all(['cx', 'cy'].map((name) => mark.getAttribute(name)));
  await page.locator('#node-1').click();
  return { x: Number(x), y: Number(y) };
}

async function writeMadeUpTree(size: number, pruned: readonly number[] = []): Promise<string> {
  const { view, texts } = await madeUpTree(root, size, pruned);
  const picture = treePicture(view);
  const drawn = new Set(picture.drawn.map(({ id }) => id));
  const file = path.join(root, `made-up-${size}.html`);
  await writeFile(
    file,
    renderTreeHtml(
      picture,
      texts.filter(({ id }) => drawn.has(id)),
    ),
  );
  return file;
}
