import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { nodeRecordSchema } from '../domain/node-record';
import { scriptVariantSchema } from '../domain/script-variant';
import type { ArtifactStore } from '../store/artifact-store';
import { diskUsage } from '../store/disk-space';
import { readJson } from '../store/json-file';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { errorCode } from '../store/store-error';
import { controlDirectory, listRunAttempts, removeTree, runDirectory } from './attempts';
import { keptDirectory } from './kept-attempts';
import { readSupervision } from './supervised-script';

/** What of a run may be removed. */
export const REMOVABLE = ['superseded', 'bests', 'variants', 'kept', 'working', 'grade', 'run'] as const;

/** Something that a run left and that can go. */
export interface Removable {
  readonly what: (typeof REMOVABLE)[number];
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
}

/** Where a run leaves something on this machine. */
export interface RunPlaces {
  readonly store: ArtifactStore;
  /** COPPICE_STORE. */
  readonly storeDirectory: string;
  /** COPPICE_HOME. */
  readonly home: string;
  /** COPPICE_GRADE. */
  readonly grade: string;
}

type Found = Omit<Removable, 'bytes'>;

/**
 * What is left of an unfinished run that nothing needs any more: steps that were superseded, and working directories that
 * were kept.
 */
export async function removableOfUnfinished(places: RunPlaces, runId: string): Promise<Removable[]> {
  return measured([...(await supersededOf(places, runId)), ...keptOf(places, runId)]);
}

/**
 * What can go of a run that is over, but for its best, its report, and what going through it again (replay, fork, extend)
 * needs.
 */
export async function removableOfOver(places: RunPlaces, runId: string): Promise<Removable[]> {
  return measured([
    ...(await supersededOf(places, runId)),
    ...keptOf(places, runId),
    ...(await formerBestsOf(places, runId)),
    ...(await rerunFilesOf(places, runId)),
    ...(await workingOf(places, runId)),
  ]);
}

/** All that a run left on this machine, its files included. */
export async function everythingOf(places: RunPlaces, runId: string): Promise<Removable[]> {
  return measured([
    ...keptOf(places, runId),
    { what: 'working', path: runDirectory(places.home, runId) },
    { what: 'grade', path: path.join(places.grade, runId) },
    { what: 'run', path: inStore(places, runId) },
  ]);
}

export async function remove(removable: readonly Removable[]): Promise<void> {
  for (const { path: place } of removable) await removeTree(place);
}

async function measured(found: readonly Found[]): Promise<Removable[]> {
  const removable: Removable[] = [];
  for (const one of found) {
    const bytes = await diskUsage(one.path);
    if (bytes > 0 || (await namesIn(one.path)).length > 0) removable.push({ ...one, bytes });
  }
  return removable;
}

function inStore({ storeDirectory }: RunPlaces, key: string): string {
  return path.join(storeDirectory, ...key.split('/'));
}

/** Without the calls of it: what they used counts towards the run's cost. */
async function supersededOf(places: RunPlaces, runId: string): Promise<Found[]> {
  const { store } = places;
  const keys = runKeys(runId);
  const found: Found[] = [];
  for (const name of await store.list(keys.supersededDirectory)) {
    const parts = (await store.list(keys.superseded(name))).filter((part) => part !== 'calls');
    for (const part of parts)
      found.push({ what: 'superseded', path: inStore(places, `${keys.superseded(name)}/${part}`) });
  }
  return found;
}

function keptOf({ home }: RunPlaces, runId: string): Found[] {
  return [{ what: 'kept', path: keptDirectory(home, runId) }];
}

/** All copies of nodes that once were the best, but for the one that `best` refers to. */
async function formerBestsOf(places: RunPlaces, runId: string): Promise<Found[]> {
  const { store } = places;
  const keys = runKeys(runId);
  const best = await readJson(store, `${keys.best}/node.json`, nodeRecordSchema);
  if (best === null) return [];
  const names = await store.list(keys.bestsDirectory);
  return names
    .filter((name) => name !== String(best.id))
    .map((name) => ({ what: 'bests', path: inStore(places, `${keys.bestsDirectory}/${name}`) }));
}

/** What scripts made when the final selection ran them again with other seeds; how these runs ended stays. */
async function rerunFilesOf(places: RunPlaces, runId: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const id of await listNodeIds(places.store, runId)) {
    const node = runKeys(runId).node(id);
    for (const name of await places.store.list(`${node.directory}/variants`)) {
      const variant = scriptVariantSchema.safeParse(name);
      if (!variant.success || !variant.data.startsWith('seed-')) continue;
      const { submission, predictions, outputs } = node.variant(variant.data);
      for (const key of [submission, predictions, outputs]) {
        if (await places.store.exists(key)) found.push({ what: 'variants', path: inStore(places, key) });
      }
    }
  }
  return found;
}

/** What killed workers left; a script that still runs is left to the workers. */
async function workingOf({ home }: RunPlaces, runId: string): Promise<Found[]> {
  for (const { directory } of await listRunAttempts(home, runId)) {
    if ((await readSupervision(controlDirectory(directory))).status === 'running') return [];
  }
  return [{ what: 'working', path: runDirectory(home, runId) }];
}

async function namesIn(place: string): Promise<string[]> {
  return readdir(place).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  });
}
