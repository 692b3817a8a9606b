import { z } from 'zod';
import { codeBlocks } from './code-blocks';
import { cutEnd } from './prompts/excerpt';
import { stripThinking } from './strip-thinking';

const LONGEST_SUMMARY = 600;

const verdictSchema = z.strictObject({ is_bug: z.boolean(), summary: z.string() });

/** What is taken from servers that cannot be held to the schema: a truth value as a word, more keys than asked for. */
const tolerantSchema = z.object({
  is_bug: z.union([z.boolean(), z.stringbool({ truthy: ['true', 'yes'], falsy: ['false', 'no'] })]),
  summary: z.string().trim().min(1),
});

export type ParsedVerdict =
  | { readonly ok: true; readonly isBug: boolean; readonly summary: string }
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
    if (verdict.success) {
      return { ok: true, isBug: verdict.data.is_bug, summary: cutEnd(verdict.data.summary, LONGEST_SUMMARY) };
    }
  }
  return {
    ok: false,
    problem: 'it is not a JSON object with the keys "is_bug" (true or false) and "summary" (a text)',
  };
}

/** The text from the first brace to the last, and from the last brace that opens. */
function objectsIn(text: string): string[] {
  const end = text.lastIndexOf('}') + 1;
  return [text.indexOf('{'), text.lastIndexOf('{')]
    .filter((start) => start !== -1)
    .map((start) => text.slice(start, end));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
