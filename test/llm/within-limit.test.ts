import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { withinLimit } from '../../src/llm/within-limit';

/** Settles only when the signal is aborted, and holds on to nothing but the listener. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`aborted: ${String(signal.reason)}`)));
  });
}

function collectGarbage(): void {
  setFlagsFromString('--expose_gc');
  runInNewContext('gc()');
}

test('the limit comes even when garbage is collected before', async () => {
  const outcome = expect(withinLimit(new AbortController().signal, 1000, untilAborted)).rejects.toThrow('TimeoutError');
  for (let round = 0; round < 3; round += 1) {
    await sleep(100);
    collectGarbage();
  }
  await outcome;
});

test('the signal given ends the work before, at once when it is aborted already', async () => {
  const controller = new AbortController();
  const work = withinLimit(controller.signal, 60_000, untilAborted);
  controller.abort('cancelled');
  await expect(work).rejects.toThrow('aborted: cancelled');
  expect(await withinLimit(controller.signal, 60_000, async (limited) => limited.aborted)).toBe(true);
});
