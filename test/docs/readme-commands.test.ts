import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporalCliPath } from '../helpers/temporal-cli';
import { waitUntil } from '../helpers/wait-until';
import { executeCommands, type Way } from './documented-lines';
import type { DocumentedShell } from './documented-shell';
import { openDocumentedShell } from './documented-shell';
import { readPage } from './documents';

const page = readPage('README.md');
const TASK = 'examples/diamonds';
/** Of the runs that go on until they are told to end. */
const BACKGROUND = 'background';
const OTHERS_RUN = 'my-run';

let shell: DocumentedShell;

beforeAll(async () => {
  shell = await openDocumentedShell(['diamonds']);
});

afterAll(() => shell.close());

const POLLS = /polls coppice/;
const offline = 'COPPICE_MODEL= OPENAI_BASE_URL= OPENAI_API_KEY=';
const updated = { prints: /Result/ } as const;

/** The spec of the README, held at a node so that there is something to steer. */
async function readyToSteer(): Promise<void> {
  const spec = page.blocks.find(({ language }) => language === 'json')?.text ?? '';
  await writeFile(path.join(shell.directory, 'run.json'), spec);
  shell.model.control.addRules({ runId: OTHERS_RUN, node: 4, action: { type: 'hold' } });
}

const isAsked = (call: string) => () => shell.model.requests().some((request) => request.call === call);

const ways: Readonly<Record<string, Way>> = {
  'npm start': {
    elsewhere: [
      { file: 'test/setup/set-up.test.ts', containing: 'await runSetup(checkout)' },
      { file: 'test/end-to-end/diamonds.test.ts', containing: "['run', 'examples/diamonds'" },
    ],
  },
  'npm test': { elsewhere: [{ file: 'scripts/ci.mjs', containing: "npm(['test'" }] },
  'npx coppice run examples/diamonds --steps 6 --seed 2': {
    as: `${offline} npx coppice run ${TASK} --steps 1 --seed 2`,
    prints: /^No language model is named[^]*node 1\/1 [^]*finished: all steps were made/,
  },

  'export OPENAI_API_KEY=…': { as: () => `export OPENAI_API_KEY=key OPENAI_BASE_URL=${shell.model.baseUrl}` },
  'npx coppice run examples/diamonds --model gpt-5 --review-model gpt-5-mini': {
    as: `npx coppice run ${TASK} --model gpt-5 --review-model gpt-5-mini --steps 1`,
    prints: /gpt-5-mini[^]*finished: all steps were made/,
  },
  'export OPENAI_BASE_URL=http://127.0.0.1:8080/v1': {
    as: () => `export OPENAI_BASE_URL=${shell.model.baseUrl}`,
  },
  'npx coppice run examples/diamonds --model my-model': {
    as: `npx coppice run ${TASK} --model my-model --steps 1`,
    prints: /my-model[^]*finished: all steps were made/,
  },

  'npx coppice run [TASK]': { as: `npx coppice run ${TASK} --steps 1`, prints: /finished: all steps were made/ },
  'npx coppice run TASK --detach': {
    before: async () => shell.model.control.addRules({ runId: BACKGROUND, node: 2, action: { type: 'hold' } }),
    as: `npx coppice run ${TASK} --detach --steps 4 --run-id ${BACKGROUND}`,
    prints: /in the background/,
  },
  'npx coppice status RUN': {
    before: () => waitUntil('node 2 is asked for', isAsked(`${BACKGROUND}/2/draft/1`)),
    as: `npx coppice status ${BACKGROUND}`,
    prints: /^state +running$/m,
  },
  'npx coppice pause RUN': { as: `npx coppice pause ${BACKGROUND}`, prints: /^paused background/ },
  'npx coppice hint RUN TEXT': { as: `npx coppice hint ${BACKGROUND} Mind the outliers`, prints: /^hint 1 stands/ },
  'npx coppice extend RUN --steps +20 --time +2h': {
    as: `npx coppice extend ${BACKGROUND} --steps +20 --time +2h`,
    prints: /of 24 steps/,
  },
  'npx coppice stop RUN': { as: `npx coppice stop ${BACKGROUND}`, prints: /^stopping background/ },
  'npx coppice submit RUN --out submission.csv': {
    before: () => shell.untilState(BACKGROUND, 'finished'),
    as: `npx coppice submit ${BACKGROUND} --out submission.csv`,
    prints: /^wrote .*submission\.csv/,
  },
  'npx coppice fork RUN NODE': {
    as: `npx coppice fork ${BACKGROUND} 1 --steps 2`,
    prints: /finished: all steps were made/,
  },
  'npx coppice worker': [{ staysAfter: POLLS }, { before: () => shell.endAll('SIGTERM'), staysAfter: POLLS }],
  'npx coppice doctor': { exitCodes: [0, 1], prints: /Temporal server/ },

  'alias temporal=.coppice/python/bin/temporal': {
    before: readyToSteer,
    as: `${temporalCliPath()} --version`,
    prints: /temporal version/,
  },
  'temporal workflow start --type treeSearch --task-queue coppice --workflow-id my-run --input-file run.json': {
    prints: /my-run/,
  },
  'temporal workflow update execute --workflow-id my-run --name pause': {
    ...updated,
    before: () => waitUntil('node 4 is asked for', isAsked(`${OTHERS_RUN}/4/draft/1`)),
  },
  'temporal workflow update execute --workflow-id my-run --name resume': updated,
  [`temporal workflow update execute --workflow-id my-run --name extend --input '{"steps": 20, "time": "2h"}'`]:
    updated,
  [`temporal workflow update execute --workflow-id my-run --name hint --input '{"text": "Try the logarithm of the price."}'`]:
    updated,
  [`temporal workflow update execute --workflow-id my-run --name inject --input '{"code": "print(1)", "title": "My own"}'`]:
    updated,
  [`temporal workflow update execute --workflow-id my-run --name prune --input '{"node": 3}'`]: updated,
  [`temporal workflow update execute --workflow-id my-run --name note --input '{"node": 1, "scores": {"public": 0.83}}'`]:
    updated,
  'temporal workflow query --workflow-id my-run --type progress': { prints: /"?pruned/ },
  [`temporal workflow query --workflow-id my-run --type tree --input '{"after": 0, "limit": 100}'`]: {
    prints: /nodes/,
  },
  'temporal workflow query --workflow-id my-run --type node --input 1': { prints: /draft/ },
  'temporal workflow update execute --workflow-id my-run --name stop': updated,
  'temporal workflow cancel --workflow-id my-run': {
    before: async () => {
      await shell.untilState(OTHERS_RUN, 'finished');
      shell.model.control.addRules({ runId: 'another-run', node: 1, action: { type: 'hold' } });
      const started = await shell.run(`npx coppice start ${TASK} --run-id another-run`);
      expect(started).toMatchObject({ exitCode: 0 });
      await waitUntil('node 1 is asked for', isAsked('another-run/1/draft/1'));
    },
    as: 'temporal workflow cancel --workflow-id another-run',
  },

  'npx coppice worker --role search': {
    before: async () => {
      await shell.untilState('another-run', 'cancelled');
      await shell.endAll('SIGTERM');
    },
    staysAfter: POLLS,
  },
  'npx coppice worker --role exec --slots 4': { staysAfter: /polls coppice-exec, 4 scripts at once/ },
};

executeCommands(page, ways, () => shell);
