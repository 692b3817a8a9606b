import type { RecoveredRun } from '../../src/domain/steps';
import { NEVER_OVER } from '../../src/policy/went-on';
import { Extensions, NEVER_EXTENDED } from '../../src/workflows/extension-state';

/** Lower is better, and 5 was asked for. */
const TARGET = 5;
const STANDING = { after: 8, metric: 4, direction: 'minimize' } as const;

function recovered(isOver: boolean, wentOn: RecoveredRun['wentOn'] = null) {
  return { extendedSteps: 3, extendedMs: 1000, extendedDiskBytes: 100, isOver, wentOn };
}

describe('a run that was over', () => {
  it.each(['before its files are read', 'after'])('goes on when it is extended %s, past its target', (when) => {
    const extensions = new Extensions(TARGET, NEVER_EXTENDED);
    if (when === 'after') extensions.recover(recovered(true), STANDING);
    extensions.add({ steps: 2, time: 60, disk: 50 }, STANDING);
    if (when !== 'after') extensions.recover(recovered(true), STANDING);

    expect(extensions.state()).toEqual({
      extendedSteps: 5,
      extendedMs: 61_000,
      extendedDiskBytes: 150,
      wentOn: { after: 8, pastTarget: true },
    });
    expect(new Extensions(TARGET, extensions.state()).state()).toEqual(extensions.state());
  });

  it('stays where it went on when it is rebuilt and extended once more', () => {
    const extensions = new Extensions(TARGET, NEVER_EXTENDED);
    extensions.recover(recovered(false, { after: 4, metric: 6 }), STANDING);
    extensions.add({ steps: 1 }, STANDING);

    expect(extensions.wentOn).toEqual({ after: 4, pastTarget: false });
  });
});

it('a run that was never over is held to its target and its patience, however often it is extended', () => {
  const extensions = new Extensions(TARGET, NEVER_EXTENDED);
  extensions.recover(recovered(false), STANDING);
  extensions.add({ steps: 1 }, STANDING);

  expect(extensions.wentOn).toEqual(NEVER_OVER);
});
