import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { evaluationFileSchema } from '../../src/domain/evaluation';
import { forkFileSchema } from '../../src/domain/fork-file';
import type { Workplace } from '../helpers/coppice-process';
import { hashFiles, makeWorkplace } from '../helpers/coppice-process';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { answeredCalls, callsOf, modelAt } from './answered-calls';

const DIAMONDS = path.join(__dirname, '..', '..', 'examples', 'diamonds');

let workplace: Workplace;

beforeAll(async () => {
  workplace = await makeWorkplace();
});

afterAll(() => workplace.cleanup());

async function withModel<Result>(work: (model: ScriptedModel) => Promise<Result>): Promise<Result> {
  const model = await startScriptedModel({ script: ({ node }) => ({ metric: node === 4 ? 1 : 50 - node }) });
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}

test('a fork takes over what was recorded up to the node and buys only new nodes', async () => {
  await withModel(async (model) => {
    const args = ['run', workplace.task, '--run-id', 'trunk', '--slots', '1', '--seed', '1', '--steps', '6'];
    expect(await workplace.run(args, modelAt(model.baseUrl))).toMatchObject({ exitCode: 0 });
  });
  const before = await hashFiles(workplace.file('trunk'));
  const trunk = await workplace.readRun('trunk');

  await withModel(async (model) => {
    const args = ['fork', 'trunk', '3', '--run-id', 'branch', '--slots', '1', '--steps', '5'];
    const ended = await workplace.run(args, modelAt(model.baseUrl));
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toContain('fork of trunk: takes over everything up to the record of node 3');

    expect(ended.stdout).toContain('3 of its nodes are recorded already, 3 of them working');
    expect(ended.stdout).not.toContain('node 1/5');

    const branch = await workplace.readRun('branch');
    expect(branch.nodes.slice(0, 3)).toEqual(trunk.nodes.slice(0, 3));
    // The same seed, tree and answers: what comes next is what came next there.
    const decisions = (nodes: typeof branch.nodes) => nodes.map(({ id, operator, parent }) => [id, operator, parent]);
    expect(decisions(branch.nodes)).toEqual(decisions(trunk.nodes.slice(0, 5)));
    const bought = answeredCalls(model).filter((call) => !call.includes('/report/'));
    expect(bought).toEqual(
      branch.nodes
        .slice(3)
        .flatMap((node) => callsOf('branch', node))
        .sort(),
    );
    const taken = forkFileSchema.parse(JSON.parse((await workplace.read('branch/fork.json')) ?? ''));
    expect(taken).toMatchObject({ source: 'trunk', node: 3, nodes: 3, usage: { calls: 6 } });
    const billed = model.requests().reduce((sum, { promptTokens }) => sum + promptTokens, 0);
    expect(branch.state).toMatchObject({
      state: 'finished',
      stepsTotal: 5,
      best: { id: 4, metric: 1 },
      usage: { promptTokens: taken.usage.promptTokens + billed },
    });
    expect((await workplace.read('branch/best/node.json')) ?? '').toContain('"id": 4');
    expect(await workplace.read('branch/report.md')).toContain('This run is a fork of run trunk');
  });
  expect(await hashFiles(workplace.file('trunk'))).toEqual(before);
});

test('without another number of steps a fork has no more than its source, so one at its end needs it', async () => {
  const ended = await workplace.run(['fork', 'trunk', '6']);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain('ask for at least 7 with --steps');
});

test('a fork with another seed is graded on the rows that its source withheld, also by a new grade worker', async () => {
  const words = ['--slots', '1', '--script-timeout', '2m'];
  const first = await workplace.run(['run', DIAMONDS, '--run-id', 'graded', '--seed', '3', '--steps', '1', ...words]);
  expect(first).toMatchObject({ exitCode: 0 });
  // Nobody has the answers any more: they have to be withheld once more, as the source did it.
  await rm(path.join(workplace.home, 'grade'), { recursive: true });
  const args = ['fork', 'graded', '1', '--run-id', 'graded-2', '--seed', '4', '--steps', '2', ...words];
  expect(await workplace.run(args)).toMatchObject({ exitCode: 0 });

  const evaluation = async (runId: string) =>
    evaluationFileSchema.parse(JSON.parse((await workplace.read(`${runId}/evaluation.json`)) ?? ''));
  const [source, fork] = [await evaluation('graded'), await evaluation('graded-2')];
  expect(source.kind).toBe('holdout');
  expect(fork.split).toEqual({ ...source.split, seed: 3 });
  const { nodes } = await workplace.readRun('graded-2');
  expect(nodes.map(({ status }) => status)).toEqual(['working', 'working']);
  const kept = await readFile(path.join(workplace.home, 'grade', 'graded-2', 'split.json'), 'utf8');
  expect(kept).toContain(source.split?.dataHash);
});
