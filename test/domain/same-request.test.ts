import type { RunSpecInput } from '../../src/domain/run-spec';
import { runSpecSchema } from '../../src/domain/run-spec';
import { differingFields } from '../../src/domain/same-request';

function differences(left: RunSpecInput, right: RunSpecInput): string[] {
  return differingFields(runSpecSchema.parse(left), runSpecSchema.parse(right));
}

test('a default that is written out, another spelling of a duration and the machine make no difference', () => {
  expect(differences({ task: '/t' }, { task: '/t', steps: 20, policy: { name: 'greedy' } })).toEqual([]);
  expect(differences({ task: '/t', limits: { time: '1h' } }, { task: '/t', limits: { time: 3600 } })).toEqual([]);
  expect(differences({ task: '/t' }, { task: '/t', machineDefaults: { parallel: 4 } })).toEqual([]);
});

test('every field that differs is named with its path', () => {
  const left = { task: '/t', steps: 5, limits: { script: '1m' }, models: { default: 'a' } };
  const right = { task: '/u', steps: 6, limits: { script: '2m', time: '1h' }, seed: 3, parallel: 2 };

  expect(differences(left, right)).toEqual([
    'limits.script',
    'limits.time',
    'models.default',
    'parallel',
    'seed',
    'steps',
    'task',
  ]);
});

test('a task of one kind is never one of the other', () => {
  const inline = { data: '/t', goal: 'g', metric: 'rmse' };

  expect(differences({ task: '/t' }, { task: inline })).toEqual(['task', 'task.data', 'task.goal', 'task.metric']);
});
