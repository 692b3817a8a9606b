import { z } from 'zod';
import { codeBlocks } from './code-blocks';
import { cutEnd } from './prompts/excerpt';
import { stripThinking } from './strip-thinking';

/** Longest of each part that is kept, in characters; more would cost every later prompt. */
const LONGEST_PART = 300;
const LONGEST_SUMMARY = 600;

const verdictSchema = z.strictObject({
  is_bug: z.boolean(),
  idea: z.string(),
  change: z.string(),
  lesson: z.string(),
});

/** What is taken from servers that cannot be held to the schema. */
const truthSchema = z.union([z.boolean(), z.stringbool({ truthy: ['true', 'yes'], falsy: ['false', 'no'] })]);
const textSchema = z.string().trim();
const tolerantSchema = z
  .object({
    is_bug: truthSchema,
    idea: textSchema.catch(''),
    change: textSchema.catch(''),
    lesson: textSchema.catch(''),
    summary: textSchema.catch(''),
  })
  .refine(({ lesson, summary }) => lesson !== '' || summary !== '');

/** What a review says was learnt; how the node ended is known better from its files. */
export interface LessonWords {
  readonly idea: string;
  readonly change: string;
  readonly lesson: string;
}

export type ParsedVerdict =
  | {
      readonly ok: true;
      readonly isBug: boolean;
      /** Null when the answer holds nothing but a summary. */
      readonly lesson: LessonWords | null;
      /** For people: the answer's own, else made of the lesson. */
      readonly summary: string;
    }
  /** `problem` is a sentence for the model, completing "Your answer cannot be used: …". */
  | { readonly ok: false; readonly problem: string };

/** The shape of a review, as JSON schema. */
export function verdictJsonSchema(): { name: string; schema: Record<string, unknown> } {
  const schema = z.toJSONSchema(verdictSchema);
  // Some servers refuse keywords that they do not know.
  delete schema.$schema;
  return { name: 'review', schema: { ...schema } };
}

/** Reads a review: JSON by itself, in a fenced block, or somewhere in a text. */
export function parseVerdict(text: string): ParsedVerdict {
  const answer = stripThinking(text);
  const candidates = [answer, ...codeBlocks(answer).map((block) => block.code), ...objectsIn(answer)];
  for (const candidate of candidates) {
    const verdict = tolerantSchema.safeParse(parseJson(candidate));
    if (verdict.success) return understood(verdict.data);
  }
  return {
    ok: false,
    problem:
      'it is not a JSON object with the keys "is_bug" (true or false), "idea", "change" and "lesson" (a text each)',
  };
}

function understood(verdict: z.output<typeof tolerantSchema>): ParsedVerdict {
  const { is_bug: isBug } = verdict;
  if (verdict.lesson === '') {
    return { ok: true, isBug, lesson: null, summary: cutEnd(verdict.summary, LONGEST_SUMMARY) };
  }
  const lesson = { idea: part(verdict.idea), change: part(verdict.change), lesson: part(verdict.lesson) };
  return { ok: true, isBug, lesson, summary: cutEnd(summaryOf(lesson), LONGEST_SUMMARY) };
}

/** A lesson as a text: the change when there is one, else the idea, and what was learnt. */
function summaryOf({ idea, change, lesson }: LessonWords): string {
  return [change === '' ? idea : change, lesson].filter((words) => words !== '').join(' ');
}

function part(text: string): string {
  return cutEnd(text.replace(/\s+/g, ' '), LONGEST_PART);
}

/** The text from the first brace to the last, and from the last brace that opens. */
function objectsIn(text: string): string[] {
  const end = text.lastIndexOf('}') + 1;
  return [text.indexOf('{'), text.lastIndexOf('{')]
    .filter((start) => start !== -1)
    .map((start) => text.slice(start, end));
}

/** Small models leave line ends and other control characters in their texts as they are, which JSON forbids. */
function parseJson(text: string): unknown {
  try {
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    return JSON.parse(text.replace(/[\u0000-\u001f]/g, ' '));
  } catch {
    return undefined;
  }
}
