import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { waitUntil } from '../helpers/wait-until';
import { executeCommands, type Executed, type Way } from './documented-lines';
import type { DocumentedShell } from './documented-shell';
import { openDocumentedShell } from './documented-shell';
import { readPage } from './documents';

const TASK = 'examples/diamonds';
const DONE = 'done';
const FORK = 'forked';
/** Held at its third node. */
const LIVE = 'live';

let shell: DocumentedShell;

beforeAll(async () => {
  shell = await openDocumentedShell(['diamonds']);
});

afterAll(() => shell.close());

/** A run that is under way until it is told to end. */
async function begin(runId: string): Promise<void> {
  shell.model.control.addRules({ runId, node: 3, action: { type: 'hold' } });
  const started = await shell.run(`coppice start ${TASK} --run-id ${runId} --steps 9 --parallel 1`);
  expect(started).toMatchObject({ exitCode: 0 });
  await waitUntil(`node 3 of ${runId}`, () =>
    shell.model.requests().some(({ call }) => call.startsWith(`${runId}/3/`)),
  );
}

const on = (runId: string, words: string, prints: RegExp): Executed => ({ as: words.replace('RUN', runId), prints });

const ways: Readonly<Record<string, Way>> = {
  'coppice run [TASK]': {
    as: `coppice run ${TASK} --run-id ${DONE} --steps 2`,
    prints: /finished: all steps were made/,
  },
  'coppice start [TASK]': { as: `coppice start ${TASK} --run-id begun --steps 1`, prints: /temporal workflow start/ },
  'coppice fork RUN NODE': {
    as: `coppice fork ${DONE} 1 --steps 2 --run-id ${FORK}`,
    prints: /finished: all steps were made/,
  },
  'coppice replay RUN': on(DONE, 'coppice replay RUN', /2 nodes? .*same|same/),
  'coppice worker': { staysAfter: /polls coppice-exec/ },
  'coppice service': { prints: /coppice\.js/ },
  'coppice server': { prints: /^server +127\.0\.0\.1:\d+/ },
  'coppice server stop': { before: () => shell.endAll('SIGTERM') },
  'coppice clean RUN': on(DONE, 'coppice clean RUN', /done/),
  'coppice doctor': { exitCodes: [0, 1], prints: /Temporal server/ },

  'coppice list': { prints: /done/ },
  'coppice status RUN': on(DONE, 'coppice status RUN', /^state +finished/m),
  'coppice watch RUN': on(DONE, 'coppice watch RUN', /finished: all steps were made/),
  'coppice tree RUN': on(DONE, 'coppice tree RUN', /1 draft/),
  'coppice show RUN NODE': on(DONE, 'coppice show RUN 1', /draft/),
  'coppice diff RUN NODE [NODE]': on(DONE, 'coppice diff RUN 1 2', /METRIC = 8/),
  'coppice logs RUN NODE': on(DONE, 'coppice logs RUN 1', /^node 1: draft/),
  'coppice report RUN': on(DONE, 'coppice report RUN', /Best score/),
  'coppice submit RUN [NODE] --out FILE': on(DONE, 'coppice submit RUN 1 --out one.csv', /^wrote .*one\.csv/),
  'coppice compare RUN RUN': { as: `coppice compare ${DONE} ${FORK}`, prints: /forked/ },

  'coppice pause RUN': {
    ...on(LIVE, 'coppice pause RUN', /^paused live/),
    before: async () => {
      await shell.stay('coppice worker --slots 1', /polls coppice-exec/);
      await begin(LIVE);
    },
  },
  'coppice resume RUN': on(LIVE, 'coppice resume RUN', /^resumed live/),
  'coppice stop RUN': on(LIVE, 'coppice stop RUN', /^stopping live/),
  'coppice cancel RUN': {
    ...on('given-up', 'coppice cancel RUN', /^cancelling given-up/),
    before: () => begin('given-up'),
  },
  'coppice extend RUN --steps +20 --time +2h': {
    ...on('longer', 'coppice extend RUN --steps +20 --time +2h', /of 29 steps/),
    before: () => begin('longer'),
  },
  'coppice hint RUN TEXT': on('longer', 'coppice hint RUN Mind the outliers', /^hint 1 stands/),
  'coppice inject RUN FILE.py': {
    ...on('longer', 'coppice inject RUN mine.py', /^mine\.py is node 4/),
    before: () => writeFile(path.join(shell.directory, 'mine.py'), '# Mine\nraise SystemExit(1)\n'),
  },
  'coppice prune RUN NODE': on('longer', 'coppice prune RUN 2', /^pruned node 2/),
  'coppice note RUN NODE --score public=0.83': on(
    'longer',
    'coppice note RUN 1 --score public=0.83',
    /^noted about node 1/,
  ),
};

executeCommands(readPage('docs/commands.md'), ways, () => shell);
