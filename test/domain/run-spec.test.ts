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

  const oneOrMore = 'expected the name of a model, {name: …} with more about it, or a list of at most 5 of them';

  it.each<[unknown, Record<string, string>]>([
    [{ model: 'gpt-5' }, { '.name': 'missing', '.model': 'unknown key' }],
    [{ name: 'm', temperature: 'hot' }, { '.temperature': 'Invalid input: expected number, received string' }],
    [
      { name: 'm', timeout: '10parsecs' },
      { '.timeout': 'expected a duration such as "90s", "10m", "1h30m" or seconds' },
    ],
    [{ name: 'm', timeout: true }, { '.timeout': 'expected a duration such as "90s", "10m", "1h30m" or seconds' }],
    [['a', 'b', 'c', 'd', 'e', 'f'], { '': 'Too big: expected array to have <=5 items' }],
    [['a', { name: 'm', heat: 1 }], { '[1].heat': 'unknown key' }],
    [['a', 7], { '[1]': 'expected the name of a model or {name: …} with more about it' }],
    [7, { '': oneOrMore }],
    [null, { '': oneOrMore }],
  ])('says of the models %j what is wrong, where, and what may stand there', (models, expected) => {
    const named = Object.entries(expected).map(([place, message]) => [`$.models.default${place}`, message]);
    expect(problemsOf({ task: 'x', models: { default: models } })).toEqual(Object.fromEntries(named));
  });

  it('says what a task, a duration and a size may be', () => {
    expect(problemsOf({ task: 7, limits: { time: true, runDisk: 1.5, disk: [] } })).toEqual({
      '$.task': 'expected the path of a task, or {data: …, goal: …, metric: …}',
      '$.limits.time': 'expected a duration such as "90s", "10m", "1h30m" or seconds',
      '$.limits.runDisk': 'expected a size such as "512MB" or "4GiB"',
      '$.limits.disk': 'expected a size such as "512MB" or "4GiB"',
    });
    expect(problemsOf({ task: { data: 'd' } })).toEqual({ '$.task.goal': 'missing', '$.task.metric': 'missing' });
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
