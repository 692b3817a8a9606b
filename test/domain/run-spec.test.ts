import { parseRunSpec } from '../../src/domain/run-spec';

function problemsOf(input: unknown): Record<string, string> {
  const parsed = parseRunSpec(input);
  return parsed.ok ? {} : Object.fromEntries(parsed.problems.map(({ path, message }) => [path, message]));
}

describe('run spec', () => {
  it('needs nothing but a task', () => {
    expect(parseRunSpec({ task: 'examples/diamonds' })).toMatchObject({
      ok: true,
      spec: {
        steps: 20,
        policy: { name: 'greedy', numDrafts: 5, debugProbability: 0.5, maxDebugDepth: 3 },
        limits: { script: 3600 },
      },
    });
  });

  it('reports every problem with its JSON path', () => {
    const problems = problemsOf({
      task: 'x',
      steps: 0,
      limits: { time: 'soon' },
      policy: { numDrafts: 'five' },
      extra: 1,
    });
    expect(Object.keys(problems).sort()).toEqual(['$.extra', '$.limits.time', '$.policy.numDrafts', '$.steps']);
    expect(problems['$.extra']).toBe('unknown key');
  });

  it('points into an inline task', () => {
    expect(Object.keys(problemsOf({ task: { data: 'd', goal: 'g', metric: 'rmse', direction: 'up' } }))).toEqual([
      '$.task.direction',
    ]);
    expect(Object.keys(problemsOf({}))).toEqual(['$.task']);
  });

  it.each([
    ['90s', 90],
    ['10m', 600],
    ['1h30m', 5400],
    ['2d', 172800],
    [45, 45],
  ])('reads the duration %s', (text, seconds) => {
    const parsed = parseRunSpec({ task: 'x', limits: { time: text } });
    expect(parsed.ok && parsed.spec.limits.time).toBe(seconds);
  });

  it.each(['', 'h', '-5m', 0, 'five minutes', '10 parsecs', Infinity])('refuses the duration %p', (text) => {
    expect(Object.keys(problemsOf({ task: 'x', limits: { time: text } }))).toEqual(['$.limits.time']);
  });

  it('changes nothing when a parsed spec is parsed again', () => {
    const first = parseRunSpec({ task: 'x', limits: { time: '2h', script: '10m' }, models: { default: 'm' } });
    if (!first.ok) throw new Error('expected a valid spec');
    expect(parseRunSpec(first.spec)).toEqual(first);
  });
});
