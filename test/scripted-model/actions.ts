import { z } from 'zod';

/** How a made-up script behaves when it is run. */
export const scriptBehaviourSchema = z.strictObject({
  /** The score it reports; by default a number that node and purpose determine. */
  metric: z.number().optional(),
  /** Seconds it works before it ends. */
  sleepSeconds: z.number().min(0).optional(),
  /** How it fails instead of reporting a score. */
  fail: z.enum(['exception', 'no_metric', 'bad_metric', 'killed', 'no_submission']).optional(),
  /** Lines of output it prints before. */
  lines: z.int().min(0).optional(),
  /** The whole script, instead of a made-up one. */
  code: z.string().optional(),
});
export type ScriptBehaviour = z.infer<typeof scriptBehaviourSchema>;

/** A completion, billed like any other, in one of the forms that completions take. */
const answerSchema = z.strictObject({
  type: z.literal('answer'),
  /** Instead of the usual text. */
  text: z.string().optional(),
  script: scriptBehaviourSchema.optional(),
  finishReason: z.string().optional(),
  /** Where the server puts what the model thought before it answered: a field of its own, or the text. */
  reasoning: z.enum(['reasoning_content', 'reasoning', 'think']).optional(),
  /** Tokens after which the answer ends in the middle, with finish reason `length`. */
  cutAt: z.int().min(0).optional(),
  /**
   * - `text`: as asked for
   * - `null_content`, `no_choices` (no such key), `empty_choices`: nothing that could be used
   * - `tool_call`: a call of a tool that nobody offered
   * - `refusal`, `filtered`: the model, or a filter, declines
   */
  form: z
    .enum(['text', 'null_content', 'no_choices', 'empty_choices', 'tool_call', 'refusal', 'filtered'])
    .default('text'),
  /** Whether the answer says what it used. */
  usage: z.boolean().default(true),
  /** A stream's pauses; without effect on an answer in one piece. */
  stream: z
    .strictObject({
      /** Milliseconds between two parts. */
      pauseMs: z.number().min(0).optional(),
      /** Parts after which nothing comes any more, with the connection left open. */
      silentAfter: z.int().min(0).optional(),
    })
    .prefault({}),
  /** Answers in one piece although a stream was asked for. */
  inOnePiece: z.boolean().default(false),
});
export type AnswerAction = z.output<typeof answerSchema>;
export const USUAL_ANSWER: AnswerAction = answerSchema.parse({ type: 'answer' });

export const actionSchema = z.discriminatedUnion('type', [
  answerSchema,
  /** Sends a body of one's own, as it stands. */
  z.strictObject({
    type: z.literal('respond'),
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.string().optional(),
  }),
  /** Says no in the way of OpenAI's interface. */
  z.strictObject({
    type: z.literal('refuse'),
    status: z.int().min(400).max(599),
    code: z.string().nullable().default(null),
    message: z.string().default('scripted refusal'),
    /** The wait that the server asks for, in milliseconds, and how it puts it. */
    retryAfter: z.strictObject({ ms: z.number().min(0), as: z.enum(['seconds', 'milliseconds', 'date']) }).optional(),
  }),
  /** Says that prompt and answer do not fit, whatever their size. */
  z.strictObject({ type: z.literal('too_long') }),
  /** Sends with status 200 what no client can read; `broken_stream` and `stream_error` are streams. */
  z.strictObject({
    type: z.literal('garbage'),
    kind: z.enum(['html', 'plain_text', 'empty', 'broken_json', 'error_object', 'broken_stream', 'stream_error']),
  }),
  /** Does not answer before `POST /_release`; then as usual. */
  z.strictObject({ type: z.literal('hold') }),
  /** Ends the connection: before anything is sent, or in the middle of the answer. */
  z.strictObject({ type: z.literal('cut'), after: z.enum(['nothing', 'half']).default('nothing') }),
  /** Ends every connection and refuses new ones for so many milliseconds. */
  z.strictObject({ type: z.literal('down'), ms: z.number().min(0) }),
  /** Ends the server's process at once, before or after the answer. */
  z.strictObject({ type: z.literal('die'), when: z.enum(['received', 'answered']).default('received') }),
]);
export type Action = z.output<typeof actionSchema>;
export type ActionInput = z.input<typeof actionSchema>;
