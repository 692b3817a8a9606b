import { classifyEnd } from '../../src/sandbox/classify-exit';
import type { SupervisorResult } from '../../src/sandbox/supervisor-files';

function result(more: Partial<SupervisorResult>): SupervisorResult {
  return {
    end: 'exit',
    exitCode: 0,
    signal: null,
    message: '',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    seconds: 1,
    limitSeconds: 60,
    outputBytes: 0,
    resultLines: [],
    tail: '',
    peakMemoryBytes: null,
    memoryKills: false,
    ...more,
  };
}

const KILLED = { exitCode: null, signal: 'SIGKILL' } as const;

it.each([
  ['timeout', { end: 'limit', limitSeconds: 12.34, ...KILLED }, 'the script was ended at its limit of 12.3 s'],
  ['timeout', { end: 'no_time' }, 'no time was left'],
  ['out_of_memory', { end: 'memory', message: 'it had 3 GB, 2 GB are allowed', ...KILLED }, 'it had 3 GB'],
  ['process_limit', { end: 'processes', message: 'it had 80 processes', ...KILLED }, 'it had 80 processes'],
  ['disk_limit', { end: 'disk', message: 'it filled 2 GB', ...KILLED }, 'it filled 2 GB'],
  ['disk_limit', { exitCode: 1, tail: 'OSError: [Errno 27] File too large' }, 'File too large (exit status 1)'],
  ['disk_limit', { exitCode: 1, tail: 'OSError: [Errno 28] No space left on device' }, 'No space left on device'],
  ['disk_limit', { exitCode: null, signal: 'SIGXFSZ' }, 'a larger file than it may'],
  ['killed', { end: 'stopped', exitCode: null, signal: 'SIGTERM' }, 'something other than this run'],
  ['killed', KILLED, 'ended by SIGKILL'],
  ['out_of_memory', { ...KILLED, memoryKills: true }, 'the machine ran out of memory'],
  ['out_of_memory', { exitCode: 1, tail: 'numpy._ArrayMemoryError: Unable to allocate' }, 'Python ran out of memory'],
  [
    'exception',
    { exitCode: 2, tail: 'Traceback (most recent call last):\n  File\nKeyError: 1' },
    'KeyError: 1 (exit status 2)',
  ],
] as const)('%s: %j', (reason, end, message) => {
  expect(classifyEnd(result(end))).toEqual({ reason, message: expect.stringContaining(message) as unknown });
});

it('finds nothing wrong with a script that ended well, whatever it wrote', () => {
  expect(classifyEnd(result({ tail: 'No space left on device', memoryKills: true }))).toBeNull();
});
