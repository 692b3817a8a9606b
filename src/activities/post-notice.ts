import type { Notice } from '../domain/notice';
import { withinLimit } from '../llm/within-limit';
import { NotifyFailure } from './notify-failure';

const LIMIT_MS = 10_000;

/** Answers that another try may change. */
const PASSING = new Set([408, 425, 429]);

/**
 * Posts a notice as JSON, through the same proxies as model calls.
 *
 * @throws NotifyFailure when it is not taken within ten seconds
 */
export async function postNotice(webhook: string, notice: Notice, signal: AbortSignal): Promise<void> {
  const { host } = new URL(webhook);
  const status = await withinLimit(signal, LIMIT_MS, async (limited) => {
    const response = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'coppice' },
      body: JSON.stringify(notice),
      // Another address than the one that was named could be anybody's.
      redirect: 'manual',
      signal: limited,
    });
    await response.body?.cancel();
    return response.status;
  }).catch((error: unknown) => {
    throw new NotifyFailure(`the webhook at ${host} did not answer: ${reasonOf(error)}`, false);
  });
  if (status >= 200 && status < 300) return;
  throw new NotifyFailure(`the webhook at ${host} answered ${status}`, status < 500 && !PASSING.has(status));
}

/** The code alone: words of the network's may hold the address. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('name' in error && error.name === 'TimeoutError') return `nothing within ${LIMIT_MS / 1000} s`;
  if ('cause' in error && typeof error.cause === 'object' && error.cause !== null && 'code' in error.cause) {
    return String(error.cause.code);
  }
  return 'name' in error ? String(error.name) : 'unknown';
}
