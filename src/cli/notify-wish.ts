import type { RequestFlags } from './request-flags';

/** What the flags say of who is told; undefined when they say nothing. A command is run by a shell. */
export function notifyWish({
  notifyCommand,
  notifyWebhook,
  notifyOn,
}: Pick<RequestFlags, 'notifyCommand' | 'notifyWebhook' | 'notifyOn'>): object | undefined {
  if (notifyCommand === undefined && notifyWebhook === undefined && notifyOn === undefined) return undefined;
  return {
    ...(notifyCommand === undefined ? {} : { command: ['sh', '-c', notifyCommand] }),
    ...(notifyWebhook === undefined ? {} : { webhook: notifyWebhook }),
    ...(notifyOn === undefined ? {} : { on: notifyOn.split(',').map((event) => event.trim()) }),
  };
}
