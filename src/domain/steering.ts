import { z } from 'zod';
import { FILE_FORMAT } from './file-format';

/** Largest text of one hint, in bytes of UTF-8. */
const HINT_BYTES = 4096;
/** Largest script that a person may bring into a run, in bytes of UTF-8. */
export const INJECTED_BYTES = 64 * 1024;
/** Most hints that may be in force at once. */
export const MOST_HINTS = 50;

const nodeIdSchema = z.int().min(1);

function textUpTo(bytes: number) {
  return z
    .string()
    .refine((text) => text.trim() !== '', 'expected some text')
    .refine((text) => utf8Length(text) <= bytes, `expected at most ${bytes} bytes`);
}

/** No `Buffer` and no `TextEncoder`: the workflow checks these inputs, too. */
function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** Gives a hint, for the run or for what is made from `node` and from what descends from it. */
const givenHintSchema = z.strictObject({ text: textUpTo(HINT_BYTES), node: nodeIdSchema.optional() });
const withdrawnHintSchema = z.strictObject({ withdraw: z.int().min(1) });

/** Input of the update `hint`: gives one, or withdraws one by its number. */
export type HintRequest = z.infer<typeof givenHintSchema> | z.infer<typeof withdrawnHintSchema>;

/** The schema of what the input means to be: problems of the other kind would only confuse. */
export function hintRequestSchema(input: unknown): z.ZodType<HintRequest> {
  const withdraws = typeof input === 'object' && input !== null && 'withdraw' in input;
  return withdraws ? withdrawnHintSchema : givenHintSchema;
}

/** Input of the update `inject`: a person's script, which becomes a node and is run and scored like any other. */
export const injectRequestSchema = z.strictObject({
  code: textUpTo(INJECTED_BYTES),
  /** What it is, in one line; default: the first line of its docstring or comment, else `a script of a person's`. */
  title: z.string().min(1).max(200).optional(),
  /** The node that it is a change of; none: a root of its own. */
  parent: nodeIdSchema.optional(),
});
export type InjectRequest = z.infer<typeof injectRequestSchema>;

/** Input of the update `prune`: the node and all that descends from it leave selection and best; `undo` takes it back. */
export const pruneRequestSchema = z.strictObject({ node: nodeIdSchema, undo: z.boolean().optional() });
export type PruneRequest = z.infer<typeof pruneRequestSchema>;

const scoreNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,39}$/, 'expected a name of up to 40 letters, digits, dots, underscores or hyphens');

/** Input of the update `note`: scores that a person got for a node elsewhere, such as `{"public": 0.83}`. */
export const noteRequestSchema = z
  .strictObject({
    node: nodeIdSchema,
    /** A name that is there already takes the new value; null takes it away. */
    scores: z.record(scoreNameSchema, z.number().nullable()).optional(),
    text: z.string().max(2000).optional(),
  })
  .refine(({ scores, text }) => scores !== undefined || text !== undefined, 'expected scores or a text');
export type NoteRequest = z.infer<typeof noteRequestSchema>;

/** Input of the update `pause`. */
export const pauseRequestSchema = z.strictObject({
  /** Ends running scripts, which run again from their beginning after the pause. */
  now: z.boolean().optional(),
});
export type PauseRequest = z.infer<typeof pauseRequestSchema>;

/** Input of the update `stop`. */
export const stopRequestSchema = z.strictObject({
  /** Waits for what is under way, up to its records, instead of ending running scripts. */
  drain: z.boolean().optional(),
});
export type StopRequest = z.infer<typeof stopRequestSchema>;

/** `hints/<number>.json`: one hint, written once by the step that stores it and once more when it is withdrawn. */
export const hintFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  number: z.int().min(1),
  /** Null: for the whole run. */
  node: nodeIdSchema.nullable(),
  text: z.string(),
  givenAt: z.string(),
  withdrawnAt: z.string().nullable(),
});
export type HintFile = z.infer<typeof hintFileSchema>;

/** `injected/<number>.json`: a script that a person brought, before it is a node. */
export const injectedFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  number: z.int().min(1),
  title: z.string(),
  parent: nodeIdSchema.nullable(),
  code: z.string(),
  givenAt: z.string(),
});
export type InjectedFile = z.infer<typeof injectedFileSchema>;

/** `nodes/<id>/notes.json`: what a person noted about a node; shown beside its search score, never used by the search. */
export const notesFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  scores: z.record(z.string(), z.number()),
  text: z.string(),
  updatedAt: z.string(),
});
export type NotesFile = z.infer<typeof notesFileSchema>;
