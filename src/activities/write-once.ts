import { isDeepStrictEqual } from 'node:util';
import { nodeRecordSchema } from '../domain/node-record';
import type { ResolvedModel } from '../domain/resolved-model';
import type { MoneyLeft, WriteResult } from '../domain/steps';
import {
  writtenFileSchema,
  writtenIdentitySchema,
  type WrittenFile,
  type WrittenIdentity,
} from '../domain/written-file';
import { countTokens } from '../llm/count-tokens';
import { cutAtLine } from '../llm/cut-at-line';
import type { ModelAnswer, ModelRequest } from '../llm/model';
import { stripThinking } from '../llm/strip-thinking';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { runKeys, type WrittenKeys } from '../store/run-keys';
import { freeSupersededKey } from '../store/supersede';
import { askUntilUsable, type Reading } from './ask-until-usable';
import type { ModelStepDependencies } from './model-step';

/** A text about several nodes that a model is to write. */
export interface Writing {
  readonly runId: string;
  readonly keys: WrittenKeys;
  /** Its name among what was superseded. */
  readonly name: string;
  readonly previous: number | null;
  readonly nodes: readonly number[];
  readonly mostTokens: number;
  readonly target: ResolvedModel;
  readonly moneyLeft: MoneyLeft;
  readonly compose: (shrunk: number) => Promise<ModelRequest>;
  readonly expected: string;
  readonly signal: AbortSignal;
}

const READS_AT_ONCE = 16;

/**
 * Has a text written and stores it with what it was made of. Doing it again uses the stored text; one that was made of
 * other nodes, other scripts or another digest is moved out of the way first, with its calls.
 */
export async function writeOnce(dependencies: ModelStepDependencies, writing: Writing): Promise<WriteResult> {
  const { store } = dependencies;
  const { keys, target, moneyLeft, compose, expected, signal } = writing;
  const identity = await claim(store, writing);
  const written = await readJson(store, keys.record, writtenFileSchema);
  if (written !== null) return { status: 'written', usage: written.usage };
  const asked = await askUntilUsable(dependencies, {
    keys: (ask) => keys.call(ask),
    target,
    moneyLeft,
    compose,
    read: readText,
    expected,
    signal,
  });
  const { usage } = asked;
  if (asked.status !== 'usable') return { status: 'none', usage };
  const text = cutAtLine(asked.value, writing.mostTokens);
  await store.write(keys.text, `${text}\n`);
  await writeJson(store, keys.record, { ...identity, tokens: countTokens(text), usage } satisfies WrittenFile);
  return { status: 'written', usage };
}

/** Makes the directory this text's own. */
async function claim(store: ArtifactStore, writing: Writing): Promise<WrittenIdentity> {
  const { runId, keys, name } = writing;
  const identity = await identityOf(store, writing);
  const stored = await readJson(store, keys.step, writtenIdentitySchema);
  if (isDeepStrictEqual(stored, identity)) return identity;
  if (stored !== null) await store.move(keys.directory, await freeSupersededKey(store, runId, name));
  await writeJson(store, keys.step, identity);
  return identity;
}

async function identityOf(store: ArtifactStore, { runId, previous, nodes }: Writing): Promise<WrittenIdentity> {
  const keys = runKeys(runId);
  const text = previous === null ? null : await store.read(keys.digest(previous).text);
  return {
    previous: previous === null || text === null ? null : { upTo: previous, hash: contentHash(text) },
    nodes: await mapBounded(nodes, READS_AT_ONCE, async (id) => {
      const record = await readJson(store, keys.node(id).record, nodeRecordSchema);
      return { id, codeHash: record?.codeHash ?? null };
    }),
  };
}

/** An answer that was cut off is used as far as it goes: these texts are cut to a length anyway. */
function readText({ text }: ModelAnswer): Reading<string> {
  const words = withoutFence(stripThinking(text).trim());
  return words === '' ? { ok: false, problem: 'it holds no text besides reasoning' } : { ok: true, value: words };
}

/** Some models fence whatever they write. */
function withoutFence(text: string): string {
  return /^```(?:markdown|md|text)?\n([\s\S]*?)\n?```$/.exec(text)?.[1]?.trim() ?? text;
}
