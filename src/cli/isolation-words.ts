import type { RunSpec } from '../domain/run-spec';
import type { Task } from '../domain/task';
import type { Isolations } from '../sandbox/isolation/choose-isolation';
import type { WantedIsolation } from '../sandbox/isolation/isolation';

/** What scripts of a run are isolated by on this machine, and how to have it better; one line for each. */
export function isolationLines(isolations: Isolations, wanted: WantedIsolation, network: boolean): string[] {
  const { refusal, best } = isolations;
  if (wanted === 'bubblewrap' && refusal !== null)
    return [`bubblewrap is asked for, but ${refusal.reason}`, refusal.fix];
  if (wanted !== 'process' && best.name === 'bubblewrap') {
    return [`bubblewrap: ${network ? 'with' : 'no'} network, no view of your files, keys and other runs`];
  }
  const open = 'process only: scripts can reach your files and the network';
  return refusal === null ? [`${open} (bubblewrap works here)`] : [open, `${refusal.reason}. ${refusal.fix}`];
}

/** The warning of a run whose scripts can read the labels that are withheld, should it withhold any; else nothing. */
export function notHiddenLines(
  { best }: Pick<Isolations, 'best'>,
  { isolation, evaluation }: Pick<RunSpec, 'isolation' | 'evaluation'>,
  task: Pick<Task, 'evaluation'>,
): string[] {
  const isOpen = isolation === 'process' || (isolation === 'auto' && best.name === 'process');
  const wanted = evaluation === 'auto' ? (task.evaluation ?? 'auto') : evaluation;
  if (!isOpen || (wanted !== 'auto' && wanted !== 'holdout')) return [];
  return ['not hidden: scripts can read withheld labels in the original data'];
}
