import type { Extension } from '../../src/domain/extension';
import type { StateFile } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { runSpecSchema } from '../../src/domain/run-spec';
import { NO_USAGE } from '../../src/domain/usage';
import { whyEndsAgain } from '../../src/cli/extension-sense';

const NOW = Date.parse('2026-01-02T03:04:05Z');

const FINISHED: StateFile = {
  format: 1,
  state: 'finished',
  pause: null,
  stopReason: 'steps',
  pruned: [],
  stepsTotal: 20,
  extendedSteps: 0,
  extendedSeconds: 0,
  extendedTokens: 0,
  extendedCostUsd: 0,
  extendedDiskBytes: 0,
  wentOnAfter: 0,
  nodes: { working: 15, failed: 5, inFlight: 0 },
  best: { id: 3, metric: 1 },
  selection: null,
  usage: { ...NO_USAGE, calls: 40, promptTokens: 900, completionTokens: 100, costUsd: 2 },
  elapsedSeconds: 3000,
  updatedAt: '2026-01-02T03:04:05Z',
};

function why(spec: Partial<RunSpecInput>, state: Partial<StateFile>, extension: Extension): string {
  const request = runSpecSchema.parse({ task: 'x', ...spec });
  return whyEndsAgain({ request, state: { ...FINISHED, ...state } }, extension, NOW).join('; ');
}

const UNFINISHED = { nodes: { working: 5, failed: 0, inFlight: 0 } };

test.each<[string, Partial<RunSpecInput>, Partial<StateFile>, Extension, RegExp]>([
  ['no step left', {}, {}, { time: 3600 }, /^all of its 20 steps are made: give --steps \+N$/],
  ['time used up', { limits: { time: '1h' } }, { stopReason: 'time', ...UNFINISHED }, { steps: 5 }, /give --time/],
  ['not enough time', { limits: { time: '10m' } }, { elapsedSeconds: 900 }, { steps: 5, time: 60 }, /10 min.*--time/],
  ['tokens used up', { limits: { tokens: 1000 } }, { stopReason: 'tokens' }, { steps: 5 }, /1000 tokens.*--tokens/],
  ['money used up', { limits: { cost: 2 } }, { stopReason: 'cost' }, { steps: 5 }, /\$2\.00 is reached: give --cost/],
  ['deadline over', { limits: { deadline: '2026-01-01T00:00:00Z' } }, {}, { steps: 5 }, /deadline.*fork/],
  ['no such cap', {}, {}, { steps: 5, tokens: 7 }, /^--tokens: the run has no cap/],
  [
    'a cap on the disk of a script alone',
    { limits: { disk: '1GB' } },
    {},
    { steps: 5, disk: 7 },
    /^--disk: the run has no cap/,
  ],
  ['a replay', { replay: 'other' }, {}, { steps: 5 }, /^a replay runs what another run recorded/],
])('names what is lacking: %s', (_name, spec, state, extension, expected) => {
  expect(why(spec, state, extension)).toMatch(expected);
});

test.each<[string, Partial<RunSpecInput>, Partial<StateFile>, Extension]>([
  ['steps', {}, {}, { steps: 1 }],
  ['a stopped run has steps left', {}, { stopReason: 'stopped', ...UNFINISHED }, { time: 60 }],
  ['past its target', { target: 1 }, { stopReason: 'target' }, { steps: 5 }],
  ['time given', { limits: { time: '1h' } }, { stopReason: 'time', ...UNFINISHED }, { time: 3600 }],
  ['tokens given', { limits: { tokens: 1000 } }, { stopReason: 'tokens', ...UNFINISHED }, { tokens: 10 }],
  ['money given', { limits: { cost: 2 } }, { stopReason: 'cost', ...UNFINISHED }, { cost: 1 }],
])('lets a run go on: %s', (_name, spec, state, extension) => {
  expect(why(spec, state, extension)).toBe('');
});
