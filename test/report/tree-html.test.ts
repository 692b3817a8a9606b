import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import type { NodeView } from '../../src/report/run-view';
import { loadRunView } from '../../src/report/run-view';
import { renderTreeHtml } from '../../src/report/tree-html';
import { writeReports } from '../../src/report/write-reports';
import { createDirectoryStore } from '../../src/store/directory-store';
import { findCommand } from '../helpers/find-command';
import { describeWithTool } from '../helpers/require-tool';
import type { FixtureNode, FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { gradedRun, openRun } from './graded-run';

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
  expect(html.match(/<script/g)).toHaveLength(2);
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
      const texts = await details.locator('pre').allTextContents();
      expect(texts).toEqual([HOSTILE, 'Better.', `${HOSTILE}\n`, 'metric: 4\n']);
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

      await page.keyboard.press('Tab');
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
      expect(await page.locator('#node-4').getAttribute('aria-label')).toContain('in flight');
      const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await ground();
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await ground()).not.toBe(light);
    });

    test('two thousand nodes open, and a node far away can be shown', async () => {
      const file = path.join(root, 'large.html');
      await writeFile(file, await renderLargeTree(2000));
      await page.goto(`file://${file}`);

      expect(await page.locator('g.node').count()).toBe(2000);
      expect(await page.locator('#details pre').count()).toBe(3);
      await page.locator('#node-1999').focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('#details h2').textContent()).toContain('Node 1999');
      expect(errors).toEqual([]);
    });
  },
);

/** A tree in which every node has up to three children, without the files of so many nodes. */
async function renderLargeTree(size: number): Promise<string> {
  const store = createDirectoryStore(root);
  await writeRun(store, { runId: 'large', nodes: [{ id: 1, metric: 1000 }] });
  const view = await loadRunView(store, 'large');
  const first = view!.nodes[0]!;
  if (first.status === 'in_flight') throw new Error('the first node is recorded');
  const nodes = Array.from({ length: size }, (_, index): NodeView => {
    const id = index + 1;
    const parent = id > 5 ? Math.ceil(id / 3) : null;
    const record = { ...first.record, id, parent, metric: 1000 + ((id * 37) % 991), title: `Plan of node ${id}` };
    return { ...first, id, parent, record };
  });
  const code = 'print("a line of code")\n'.repeat(100);
  const texts = nodes.map(({ id }) => ({ id, plan: `Plan ${id}`, code, output: null, execution: null, review: null }));
  return renderTreeHtml({ ...view!, nodes }, texts);
}
