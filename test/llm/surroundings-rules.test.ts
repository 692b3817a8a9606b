import { PLAIN_TASK } from '../../src/domain/task';
import { draftPrompt } from '../../src/llm/prompts/draft-prompt';
import type { RunMaterial } from '../../src/llm/prompts/prompt-material';
import { surroundingsRules } from '../../src/llm/prompts/surroundings-rules';

const RUN: RunMaterial = {
  task: {
    ...PLAIN_TASK,
    mounts: [],
    outputs: [],
    name: 'faster',
    goal: 'Make it faster.',
    dataDirectory: '/data/faster',
    metric: 'seconds',
    direction: 'minimize',
    target: null,
    id: null,
    train: null,
    test: null,
    sample: null,
  },
  evaluation: 'command',
  python: '3.12.1',
  packages: {},
  scriptLimitSeconds: 600,
  preview: { files: [], filesLeftOut: 0, tables: [], problems: [] },
};

test('a script that gets nothing special is told so in two rules', () => {
  expect(surroundingsRules(PLAIN_TASK).filter((rule) => rule !== '')).toEqual([
    'It has no network and installs nothing. It asks for no input, shows no plots, prints few lines and no progress bars.',
    'Random choices are made with a fixed seed.',
  ]);
});

test('network, mounts, GPUs, outputs and seeds are named as far as the task grants them', () => {
  const text = surroundingsRules({
    network: 'on',
    mounts: ['/models', '/vectors'],
    gpus: 1,
    outputs: ['working/model.pkl'],
    reruns: 2,
  }).join('\n');
  expect(text).toContain('It may use the network, and installs nothing.');
  expect(text).toContain('It may read `/models` and `/vectors` besides its data');
  expect(text).toContain('It has one GPU to itself');
  expect(text).toContain('What it leaves at `./working/model.pkl` is kept.');
  expect(text).toContain('a fixed seed, which the environment variable COPPICE_SEED replaces when it is set.');
});

test('a script that a command evaluates is not asked to measure itself, nor for a model', () => {
  const prompt = draftPrompt({ run: RUN, memory: [], stepsDone: 0, stepsTotal: 5, secondsLeft: null });
  const text = prompt.map(({ content }) => content).join('\n');
  expect(text).toContain("A program of the task's own evaluates what it leaves behind and sets its score");
  expect(text).toContain('one idea, carried through');
  for (const word of ['Validation metric', 'result.json', 'one kind of model', 'submission.csv', 'fold']) {
    expect(text).not.toContain(word);
  }
});
