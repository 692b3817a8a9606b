import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { treeJsonSchema } from '../../src/cli/json-output';
import { parseOutput } from '../helpers/coppice-command';
import { waitUntil } from '../helpers/wait-until';
import { executeCommands, type Way } from './documented-lines';
import type { DocumentedShell } from './documented-shell';
import { openDocumentedShell } from './documented-shell';
import { readPage } from './documents';

/*
 * The run of docs/operations.md once more, with fewer steps and the scripted model: what people did by hand in between
 * (the forms of the Web UI, the "reboot") stands in `before`.
 */
const page = readPage('docs/operations.md');
const RUN = 'tumours';
const UPDATED = /Result/;

let shell: DocumentedShell;
/** The id that the injected script got. */
let injected = 0;

beforeAll(async () => {
  shell = await openDocumentedShell(['breast-cancer']);
});

afterAll(() => shell.close());

const hold = (runId: string, node: number): void =>
  shell.model.control.addRules({ runId, node, action: { type: 'hold' } });

const untilAsked = (node: number): Promise<void> =>
  waitUntil(`node ${node} is asked for`, () =>
    shell.model.requests().some((request) => request.call.startsWith(`${RUN}/${node}/`)),
  );

function letGo(): void {
  shell.model.control.clearRules();
  shell.model.control.release();
}

async function must(line: string): Promise<void> {
  expect(await shell.run(line)).toMatchObject({ exitCode: 0 });
}

/** The spec of the document, cut short and one node at a time. */
async function writeSpec(): Promise<void> {
  const line = page.text.split('\n').find((candidate) => candidate.startsWith('{ "task"')) ?? '';
  const spec = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  await writeFile(path.join(shell.directory, 'run.json'), JSON.stringify({ ...spec, steps: 6, parallel: 1 }));
}

/** A node that was decided after the hint; the run is paused again then. */
async function madeAfterTheHint(): Promise<void> {
  await must(`temporal workflow update execute --workflow-id ${RUN} --name resume`);
  letGo();
  hold(RUN, 5);
  await untilAsked(5);
  await must(`temporal workflow update execute --workflow-id ${RUN} --name pause`);
}

async function untilInjectedIsRecorded(): Promise<void> {
  letGo();
  await shell.untilState(RUN, 'finished');
  const { nodes } = parseOutput(treeJsonSchema, await shell.run(`npx coppice tree ${RUN} --json`));
  injected = nodes.find(({ operator }) => operator === 'inject')?.id ?? 0;
}

const ways: Readonly<Record<string, Way>> = {
  'npx coppice server': { prints: /It stays until `coppice server stop`/ },
  'npx coppice worker --slots 2': { staysAfter: /polls coppice-exec, 2 scripts at once/ },
  'cat run.json': { before: writeSpec, prints: /"task"/ },
  'temporal workflow start --type treeSearch --task-queue coppice --workflow-id tumours --input-file run.json': {
    before: async () => hold(RUN, 3),
    prints: /tumours/,
  },
  'npx coppice status tumours': [
    { before: () => untilAsked(3), prints: /^state +running$/m },
    { prints: /^state +paused.* by a person$/m },
    { prints: /^pruned +1, with all below$/m },
    { before: () => shell.crash(), prints: /^state +interrupted$/m },
    { prints: /^state +running$/m },
    {
      before: async () => {
        letGo();
        await shell.untilState(RUN, 'finished');
      },
      prints: /^state +finished: all steps were made$/m,
    },
  ],
  'temporal workflow update execute --workflow-id tumours --name pause': { prints: UPDATED },
  'npx coppice hint tumours': {
    before: () =>
      must(`temporal workflow update execute --workflow-id ${RUN} --name hint --input '{"text": "Regularise it."}'`),
    prints: /^1: Regularise it\.$/m,
  },
  "npx coppice show tumours 22 --prompt | grep -A1 'comes before all else'": {
    before: madeAfterTheHint,
    as: `npx coppice show ${RUN} 5 --prompt | grep -A1 'comes before all else'`,
    prints: /- Regularise it\./,
  },
  'npx coppice inject tumours mine.py': {
    before: () => writeFile(path.join(shell.directory, 'mine.py'), '# Mine\nraise SystemExit(1)\n'),
    prints: /^mine\.py is node \d+ of tumours/,
  },
  'temporal workflow update execute --workflow-id tumours --name resume': { prints: UPDATED },
  'npx coppice tree tumours': [{ prints: /1 draft/ }, { prints: /public 0\.0767/ }],
  [`temporal workflow update execute --workflow-id tumours --name prune --input '{"node": 7}'`]: {
    as: `temporal workflow update execute --workflow-id ${RUN} --name prune --input '{"node": 1}'`,
    prints: UPDATED,
  },
  'npx coppice extend tumours --steps +20': {
    before: async () => {
      await untilInjectedIsRecorded();
      shell.model.control.addRules({ runId: RUN, action: { type: 'hold' } });
    },
    as: `npx coppice extend ${RUN} --steps +2`,
    prints: /^extended tumours: it goes on from its files, 7 of 9 steps are done/,
  },
  'npx coppice submit tumours --out submission.csv': { prints: /^wrote .*submission\.csv/ },
  'npx coppice note tumours 10 --score public=0.0767': { as: `npx coppice note ${RUN} 2 --score public=0.0767` },
  'npx coppice note tumours 15 --score public=0.0666': {
    as: () => `npx coppice note ${RUN} ${injected} --score public=0.0666`,
    prints: /public 0\.0666/,
  },
  'npx coppice compare tumours from-the-form': {
    before: async () => {
      const spec = `'{"task": "examples/breast-cancer", "steps": 2}'`;
      const start = 'temporal workflow start --type treeSearch --task-queue coppice --workflow-id from-the-form';
      await must(`${start} --input ${spec}`);
      await shell.untilState('from-the-form', 'finished');
    },
    prints: /from-the-form/,
  },
};

executeCommands(page, ways, () => shell);
