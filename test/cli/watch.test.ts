import { mkdtemp, rm } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { showTree } from '../../src/cli/commands/tree';
import { watchRun } from '../../src/cli/commands/watch';
import { ExitCode } from '../../src/cli/exit-code';
import { statusJsonSchema } from '../../src/cli/json-output';
import type { FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { TerminalScreen } from '../helpers/terminal-screen';
import { waitUntil } from '../helpers/wait-until';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';
import { madeUpNodes } from './live-view/made-up-run';

const PLAIN = { address: undefined, json: false };

const BEGUN: FixtureRun = {
  runId: 'diamonds-1',
  spec: { steps: 3 },
  nodes: [
    { id: 1, metric: 612.5 },
    { id: 2, parent: 1, stage: 'executing' },
  ],
};

const OVER: FixtureRun = {
  ...BEGUN,
  nodes: [
    { id: 1, metric: 612.5 },
    { id: 2, parent: 1, metric: 549.5, title: 'Predict the logarithm' },
    { id: 3, parent: 2, reason: 'timeout' },
  ],
  state: { state: 'finished', stopReason: 'steps' },
};

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-watch-'));
  captured = captureContext({ COPPICE_HOME: path.join(root, 'home'), COPPICE_STORE: path.join(root, 'runs') });
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('without a server a run is told from its files, line by line, to its end', async () => {
  const { context, printed } = captured;
  await writeRun(context.store, BEGUN);
  const watching = watchRun(context, 'diamonds-1', PLAIN);
  await waitUntil('the first line', () => printed.length >= 2);
  await writeRun(context.store, OVER);

  expect(await watching).toBe(ExitCode.done);
  expect(printed.slice(0, 4)).toEqual([
    'no server runs here: told from the files alone; `coppice resume diamonds-1` goes on with it, if nobody else does',
    '1 of its nodes are recorded already, 1 of them working',
    expect.stringMatching(/^node 2\/3 .*rmse 549\.5 +best .*Predict the logarithm$/),
    expect.stringMatching(/^node 3\/3 .*failed: timeout/),
  ]);
  expect(printed.join('\n')).toContain('diamonds-1  finished: all steps were made');
});

test('a pause and its end are told', async () => {
  const { context, printed } = captured;
  const pause = { reason: 'disk_full', message: 'the disk is full' } as const;
  await writeRun(context.store, { ...BEGUN, state: { state: 'paused', pause } });
  const watching = watchRun(context, 'diamonds-1', PLAIN);
  await waitUntil('the pause', () => printed.some((line) => line.startsWith('paused: the disk is full')));
  await writeRun(context.store, BEGUN);
  await waitUntil('the end of the pause', () => printed.includes('resumed'));
  await writeRun(context.store, OVER);

  expect(await watching).toBe(ExitCode.done);
});

test.each([
  ['without a working solution', { nodes: [{ id: 1, reason: 'timeout' as const }] }, 'finished', ExitCode.nothingWorks],
  ['that was cancelled', {}, 'cancelled', ExitCode.failed],
] as const)('a run %s ends the watching with its exit code', async (_name, more, state, exitCode) => {
  await writeRun(captured.context.store, { ...OVER, ...more, state: { state } });

  expect(await watchRun(captured.context, 'diamonds-1', PLAIN)).toBe(exitCode);
});

test('with --json each change of the status is one line of JSON', async () => {
  const { context, printed } = captured;
  await writeRun(context.store, BEGUN);
  const watching = watchRun(context, 'diamonds-1', { ...PLAIN, json: true });
  await waitUntil('the first line', () => printed.length > 0);
  await writeRun(context.store, OVER);

  expect(await watching).toBe(ExitCode.done);
  const statuses = printed.map((line) => statusJsonSchema.parse(JSON.parse(line)));
  expect(statuses[0]).toMatchObject({ state: 'interrupted', steps: { done: 1, total: 3 } });
  expect(statuses.at(-1)).toMatchObject({ state: 'finished', best: { id: 2, metric: 549.5 } });
});

test('watching a run that is not there is wrong input', async () => {
  await expect(watchRun(captured.context, 'nowhere-1', PLAIN)).rejects.toThrow(/no run "nowhere-1"/);
});

describe('on a terminal', () => {
  let screen: TerminalScreen;

  /** The same context on a terminal of that size, which everything printed goes to. */
  function onTerminal(columns: number, rows: number): CapturedContext['context'] {
    screen = new TerminalScreen(columns, rows);
    const stream = Object.assign(new PassThrough(), { columns, rows });
    stream.setEncoding('utf8').on('data', (text: string) => {
      screen.write(text.replaceAll('\n', '\r\n'));
    });
    const print = (line: string): void => void stream.write(`${line}\n`);
    return { ...captured.context, print, note: print, terminal: { stream, coloured: false } };
  }

  test('one frame is drawn in place until the end, and stays with the result below it', async () => {
    const context = onTerminal(80, 24);
    await writeRun(context.store, BEGUN);
    const watching = watchRun(context, 'diamonds-1', PLAIN);
    await waitUntil('a frame', () => screen.visible.includes('└─ 1 draft  612.5  ★ best  Plan of node 1'));
    expect(screen.visible).toContain('   └─ 2 improve  … executing');
    expect(screen.visible.join('\n')).toMatch(/^! {6}no server runs here: told from the files alone/m);
    await writeRun(context.store, OVER);

    expect(await watching).toBe(ExitCode.done);
    expect(screen.all.filter((line) => line.startsWith('run    '))).toEqual([
      'run    diamonds-1 · finished: all steps were made · rmse (minimize) of diamonds',
    ]);
    expect(screen.all).toContain('   └─ 2 improve  549.5  ★ best  Predict the logarithm');
    expect(screen.all.indexOf('diamonds-1  finished: all steps were made')).toBeGreaterThan(
      screen.all.findIndex((line) => line.startsWith('latest')),
    );
  });

  test('a large tree is folded to the height of the terminal, unless all is asked for, or a depth', async () => {
    const context = onTerminal(80, 30);
    await writeRun(context.store, { runId: 'diamonds-1', spec: { steps: 40 }, nodes: madeUpNodes(40) });
    const options = { json: false, all: false, depth: null };
    await showTree(context, 'diamonds-1', options);
    const folded = screen.all.filter((line) => line !== '');

    expect(folded.length).toBeLessThan(30);
    expect(folded.every((line) => line.length <= 80)).toBe(true);
    expect(folded.at(-1)).toContain('--all');

    const inPipe = async (more: { readonly depth?: number }): Promise<string[]> => {
      captured.printed.splice(0);
      await showTree(captured.context, 'diamonds-1', { ...options, ...more });
      return [...captured.printed];
    };
    expect(await inPipe({})).toHaveLength(41);
    expect((await inPipe({ depth: 1 })).filter((line) => /[├└]─ \d+ draft/.test(line))).toHaveLength(5);
    screen = new TerminalScreen(80, 30);
    await showTree(onTerminal(80, 30), 'diamonds-1', { ...options, all: true });
    expect(screen.all.filter((line) => line !== '')).toHaveLength(41);
  });
});
