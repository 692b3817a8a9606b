import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `condition` holds; fails with `what` when it does not within `limitMs` milliseconds. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${limitMs} ms in vain: ${what}`);
    await sleep(100);
  }
}
