import { extendRun } from '../../src/cli/commands/extend';
import { captureContext } from './command-harness';

test.each([
  [{}, 'give --steps +N, --time +DURATION, --tokens +N, --cost +USD or --disk +SIZE'],
  [{ tokens: '+many' }, /^--tokens: /],
  [{ tokens: '+1.5' }, /^--tokens: /],
  [{ cost: '+0' }, /^--cost: /],
  [{ disk: '+much' }, /^--disk: expected a size/],
  [{ steps: '+5', cost: '-1' }, /^--cost: /],
])('extend %j is refused before anything is asked of a server', async (flags, message) => {
  const { context } = captureContext({ COPPICE_HOME: '/nowhere', COPPICE_STORE: '/nowhere' });

  await expect(extendRun(context, 'run', flags)).rejects.toMatchObject({ exitCode: 2 });
  await expect(extendRun(context, 'run', flags)).rejects.toThrow(message);
});
