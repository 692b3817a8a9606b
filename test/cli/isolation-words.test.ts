import { notHiddenLines } from '../../src/cli/isolation-words';
import type { Isolations } from '../../src/sandbox/isolation/choose-isolation';
import { processIsolation } from '../../src/sandbox/isolation/process';

const open: Pick<Isolations, 'best'> = { best: processIsolation };
const closed: Pick<Isolations, 'best'> = { best: { ...processIsolation, name: 'bubblewrap' } };

describe('the warning that withheld labels are not hidden', () => {
  it.each([
    ['no isolation works here', open, { isolation: 'auto', evaluation: 'auto' }, null],
    ['none is asked for', closed, { isolation: 'process', evaluation: 'holdout' }, null],
    ['the task withholds rows', open, { isolation: 'auto', evaluation: 'auto' }, 'holdout'],
  ] as const)('is given when %s', (_when, isolations, spec, evaluation) => {
    expect(notHiddenLines(isolations, spec, { evaluation })).toEqual([expect.stringContaining('not hidden')]);
  });

  it.each([
    ['scripts are isolated', closed, { isolation: 'auto', evaluation: 'auto' }, null],
    ['nothing runs without isolation', open, { isolation: 'bubblewrap', evaluation: 'auto' }, null],
    ['scripts score themselves', open, { isolation: 'auto', evaluation: 'reported' }, null],
    ['the task says that scripts score themselves', open, { isolation: 'auto', evaluation: 'auto' }, 'reported'],
    ['a command scores', open, { isolation: 'auto', evaluation: 'command' }, null],
  ] as const)('is not given when %s', (_when, isolations, spec, evaluation) => {
    expect(notHiddenLines(isolations, spec, { evaluation })).toEqual([]);
  });
});
