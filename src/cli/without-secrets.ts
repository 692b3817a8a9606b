import { settingsRedactor } from '../workers/settings-redactor';
import type { CommandContext } from './command-context';

/**
 * A text that a person gives a run, without the keys in it: what looks like one, and the values of this process's own
 * secret variables. Updates stand in the server's history as they are sent, so they have to go before; that they did is
 * said.
 *
 * @param what the text, as the note calls it
 */
export function withoutSecrets(
  { settings, note }: Pick<CommandContext, 'settings' | 'note'>,
  text: string,
  what: string,
): string {
  const redacted = settingsRedactor(settings).redact(text);
  if (redacted !== text) note(`what looks like a key in ${what} is replaced by [redacted] before it is sent`);
  return redacted;
}
