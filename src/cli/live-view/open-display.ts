import { readHostId } from '../../sandbox/host-id';
import { settingsRedactor } from '../../workers/settings-redactor';
import type { CommandContext } from '../command-context';
import { LiveDisplay } from './live-display';
import type { LiveScreen } from './live-screen';
import { PlainDisplay } from './plain-display';
import type { RunDisplay } from './run-display';

/** A live view where there is a screen for it, else plain lines. */
export async function openDisplay(
  { store, settings, print }: CommandContext,
  screen: LiveScreen | null,
  runId: string,
): Promise<RunDisplay> {
  if (screen === null) return new PlainDisplay({ store, runId, print });
  const hostId = await readHostId(settings.environment);
  return new LiveDisplay({ store, runId, screen, hostId, redactor: settingsRedactor(settings) });
}
