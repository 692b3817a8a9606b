import path from 'node:path';
import type { Arena } from './arena';
import { DAMAGING_SCRIPTS } from './damaging-scripts';
import { ENDLESS_SCRIPTS } from './endless-scripts';
import type { BackEnd, HostileScript } from './hostile-script';
import { letLoose } from './let-loose';
import type { Verdict } from './let-loose';
import { READING_SCRIPTS } from './reading-scripts';
import { SCORING_SCRIPTS } from './scoring-scripts';
import { canMount, onSmallDisk } from './small-disk';

/** Every hostile script, in the order of the table. */
export const HOSTILE_SCRIPTS: readonly HostileScript[] = [
  ...ENDLESS_SCRIPTS,
  ...READING_SCRIPTS,
  ...DAMAGING_SCRIPTS,
  ...SCORING_SCRIPTS,
];

/** What was tried under one back end, and why the rest was not. */
export interface SceneReport {
  readonly verdicts: readonly Verdict[];
  readonly skipped: string | null;
}

/** Lets all the scripts of a scene loose in one run. */
export async function playScene(
  arena: Arena,
  backEnd: BackEnd,
  name: HostileScript['scene'],
  scripts: readonly HostileScript[] = HOSTILE_SCRIPTS,
): Promise<SceneReport> {
  const cast = scripts.filter(({ scene }) => scene === name);
  const trial = { runId: `${name.replace(' ', '-')}-${backEnd}`, backEnd, scripts: cast };
  switch (name) {
    case 'plain':
      return { verdicts: await letLoose(arena, trial), skipped: null };
    case 'gigabyte':
      return { verdicts: await letLoose(arena, { ...trial, limits: { script: 60 } }), skipped: null };
    case 'withheld':
      return { verdicts: await letLoose(arena, { ...trial, spec: { evaluation: 'holdout' } }), skipped: null };
    case 'input':
      return { verdicts: await letLoose(arena, trial), skipped: null };
    case 'small disk':
      return playOnSmallDisk(arena, trial);
  }
}

async function playOnSmallDisk(arena: Arena, trial: Parameters<typeof letLoose>[1]): Promise<SceneReport> {
  const work = path.join(arena.scene.place.home, 'work');
  if (!(await canMount(work))) return { verdicts: [], skipped: 'a small disk could not be mounted: be root' };
  const limits = { disk: '100MB' };
  return { verdicts: await onSmallDisk(work, () => letLoose(arena, { ...trial, limits })), skipped: null };
}
