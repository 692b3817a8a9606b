import type { RunView } from './run-view';
import { recordsOf } from './run-view';

/** How many recorded nodes ran their scripts under each back end. */
export interface IsolationCounts {
  readonly bubblewrap: number;
  readonly process: number;
}

const NAMES = ['bubblewrap', 'process'] as const;

export function isolationCounts(view: RunView): IsolationCounts {
  const records = recordsOf(view);
  const [bubblewrap, process] = NAMES.map((name) => records.filter(({ isolation }) => isolation === name).length);
  return { bubblewrap: bubblewrap ?? 0, process: process ?? 0 };
}

/** Whether withheld labels were out of every script's reach; null where nothing is withheld. */
export function isHidden(view: RunView): boolean | null {
  return view.evaluation?.kind === 'holdout' ? isolationCounts(view).process === 0 : null;
}

/** What kept the run's scripts from what is not theirs; null before the first of them is recorded. */
export function isolationInWords(view: RunView): string | null {
  const { bubblewrap, process } = isolationCounts(view);
  if (bubblewrap + process === 0) return null;
  if (process === 0) return 'bubblewrap';
  const open = 'process only: scripts could reach your files and the network';
  return bubblewrap === 0
    ? open
    : `bubblewrap for ${bubblewrap} of ${bubblewrap + process} scripts; the others ${open}`;
}

/** The warning about labels that were withheld but within a script's reach; null where there is nothing to warn of. */
export function notHiddenInWords(view: RunView): string | null {
  if (isHidden(view) !== false) return null;
  const { process } = isolationCounts(view);
  const scripts = process === 1 ? 'a script' : `${process} scripts`;
  return `not hidden: ${scripts} ran without isolation and could have read the withheld labels in ${view.run.task.dataDirectory}`;
}
