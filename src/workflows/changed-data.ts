import type { Pause } from '../domain/run-files';

/** The pause of a run whose data is not what it was; nobody but its owner can say whether that is right. */
export function changedDataPause(change: string): Pause {
  const advice = 'scores before and after may not compare: put the data back, or accept it with `coppice resume`';
  return { reason: 'data_changed', message: `${change}; ${advice}` };
}
