import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ArtifactStore } from '../store/artifact-store';
import { errorCode } from '../store/store-error';
import { removeTree, runDirectory } from './attempts';
import { canBeShown } from './can-be-shown';
import { dataFingerprintSchema, findChange, findDifference, fingerprintData } from './data-fingerprint';
import { copyInput } from './input-copy';
import type { InputSource } from './input-source';
import type { Isolation } from './isolation/isolation';

/** Where a host keeps what scripts are given. */
export interface InputHost {
  readonly store: ArtifactStore;
  readonly home: string;
}

/** A script's data on this host. */
export interface ProvidedInput {
  /** Not to be written to; scripts see it as `./input`. */
  readonly directory: string;
  /** Files that it links to, which have to be visible at their own path. */
  readonly mounts: readonly string[];
  /** Directories that must not be visible: where the withheld rows are. */
  readonly hidden: readonly string[];
}

/** In the directory of a run's data, beside the data themselves. */
const RECORD = 'record.json';
const DATA = 'data';

const sourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), path: z.string() }),
  z.object({ kind: z.literal('store'), key: z.string(), original: z.string() }),
]);

/** What a host has looked through (`shown`) or copied for a run. */
const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('shown'), source: sourceSchema }),
  z.object({
    kind: z.literal('copied'),
    source: sourceSchema,
    linked: z.array(z.string()),
    fingerprint: dataFingerprintSchema,
  }),
]);
type InputRecord = z.infer<typeof recordSchema>;
type CopyRecord = Extract<InputRecord, { kind: 'copied' }>;

/**
 * Gives a run's scripts their data on this host: the user's own directory where the isolation can show it read-only,
 * else a read-only copy, made once. Attempts that come at the same time may copy in parallel; one of them wins.
 *
 * @throws the system error or StoreError when the data cannot be read or copied; the reason of `signal` when that is
 *   aborted
 */
export async function provideInput(
  host: InputHost,
  runId: string,
  source: InputSource,
  isolation: Pick<Isolation, 'input'>,
  signal: AbortSignal,
): Promise<ProvidedInput> {
  const place = placeOf(host, runId, source);
  const known = await readRecord(place);
  const usable = known !== null && (known.kind === 'copied' || isolation.input === 'bind') ? known : null;
  return provided(place, usable ?? (await makeRecord(host, place, source, isolation, signal)));
}

/**
 * Looks whether the copies that scripts of a run were given on this host are still what they were; cheap where nobody
 * touched them. A changed copy is made anew at once, so that later scripts find the data as they should be.
 *
 * @returns null when all is well, else one or two sentences for people: what changed and what was done about it
 * @throws the system error or StoreError when the data cannot be read or copied
 */
export async function checkInputUnchanged(
  host: InputHost,
  runId: string,
  source: InputSource,
  signal: AbortSignal,
): Promise<string | null> {
  const place = placeOf(host, runId, source);
  const record = await readRecord(place);
  if (record?.kind !== 'copied') return null;
  const change = await findChange(path.join(place, DATA), record.fingerprint, signal);
  if (change === null) return null;
  const mended = await makeCopy(host, place, source, signal);
  await replace(place, mended.directory);
  return changeMessage(change, record, mended.record);
}

function changeMessage(change: string, before: CopyRecord, after: CopyRecord): string {
  const changed = `a script changed the data that it was given: ${change}`;
  const difference = findDifference(before.fingerprint, after.fingerprint);
  if (difference === null) return `${changed}; the copy was made anew from the original`;
  const original = before.source.kind === 'directory' ? before.source.path : before.source.original;
  return `${changed}; the original in ${original} is not what it was either (${difference}): restore it, then resume`;
}

/** Data with and without withheld rows have places of their own. */
function placeOf({ home }: InputHost, runId: string, source: InputSource): string {
  return path.join(runDirectory(home, runId), source.kind === 'store' ? 'input-split' : 'input');
}

async function provided(place: string, record: InputRecord): Promise<ProvidedInput> {
  const hidden = record.source.kind === 'store' ? [record.source.original] : [];
  if (record.kind === 'copied') return { directory: path.join(place, DATA), mounts: record.linked, hidden };
  const { source } = record;
  return { directory: await realpath(source.kind === 'directory' ? source.path : place), mounts: [], hidden };
}

async function readRecord(place: string): Promise<InputRecord | null> {
  const text = await readFile(path.join(place, RECORD), 'utf8').catch(() => null);
  return text === null ? null : recordSchema.parse(JSON.parse(text));
}

async function makeRecord(
  host: InputHost,
  place: string,
  source: InputSource,
  isolation: Pick<Isolation, 'input'>,
  signal: AbortSignal,
): Promise<InputRecord> {
  const show = isolation.input === 'bind' && source.kind === 'directory' && (await canBeShown(source.path, signal));
  const made = show ? await makeShown(place, source) : await makeCopy(host, place, source, signal);
  return publish(place, made);
}

interface Made {
  readonly directory: string;
  readonly record: InputRecord;
}

async function makeShown(place: string, source: InputSource): Promise<Made> {
  const directory = await newDirectory(place);
  return { directory, record: await writeRecord(directory, { kind: 'shown', source }) };
}

async function makeCopy(
  host: InputHost,
  place: string,
  source: InputSource,
  signal: AbortSignal,
): Promise<Made & { readonly record: CopyRecord }> {
  const directory = await newDirectory(place);
  try {
    const data = path.join(directory, DATA);
    const linked = await copyInput(host.store, source, data, signal);
    const fingerprint = await fingerprintData(data, signal);
    return {
      directory,
      record: await writeRecord(directory, { kind: 'copied', source, linked: [...linked], fingerprint }),
    };
  } catch (error) {
    await removeTree(directory);
    throw error;
  }
}

async function newDirectory(place: string): Promise<string> {
  const directory = path.join(path.dirname(place), `.${path.basename(place)}-${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

async function writeRecord<Kind extends InputRecord>(directory: string, record: Kind): Promise<Kind> {
  await writeFile(path.join(directory, RECORD), JSON.stringify(record));
  return record;
}

/** Puts what was made into its place, unless another attempt was faster with something as good. */
async function publish(place: string, made: Made): Promise<InputRecord> {
  const other = await readRecord(place);
  if (other !== null && (other.kind === 'copied' || made.record.kind === 'shown')) {
    await removeTree(made.directory);
    return other;
  }
  await replace(place, made.directory);
  return made.record;
}

async function replace(place: string, directory: string): Promise<void> {
  for (;;) {
    try {
      await rename(directory, place);
      return;
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    const aside = `${directory}-before`;
    await rename(place, aside).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
    await removeTree(aside);
  }
}
