import { refuse, sendText, type Respond, type SeenRequest } from './model-server';

/** The answer to every request. */
export const VERDICT = '{"is_bug": false}';

/** How an answer's shape was asked for. */
export function formatOf({ body }: SeenRequest): string {
  const format = body['response_format'];
  if (body['tools'] !== undefined) return 'tools';
  if (typeof format !== 'object' || format === null || !('type' in format)) return 'words';
  return String(format.type);
}

/** Whether a request makes use of something that servers may lack. */
export const uses: Readonly<Record<string, (request: SeenRequest) => boolean>> = {
  json_schema: (request) => formatOf(request) === 'json_schema',
  json_object: (request) => formatOf(request) === 'json_object',
  tools: (request) => formatOf(request) === 'tools',
  stream: ({ body }) => body['stream'] === true,
  stream_options: ({ body }) => body['stream_options'] !== undefined,
  temperature: ({ body }) => body['temperature'] !== undefined,
  reasoning_effort: ({ body }) => body['reasoning_effort'] !== undefined,
  max_tokens: ({ body }) => body['max_tokens'] !== undefined,
  max_completion_tokens: ({ body }) => body['max_completion_tokens'] !== undefined,
  system: ({ body }) => JSON.stringify(body['messages']).includes('"role":"system"'),
};

/** A server that refuses what it lacks, and answers everything else. */
export function lacking(lacks: readonly string[], status: number, words: (lack: string) => object): Respond {
  return (response, request) => {
    const lack = lacks.find((name) => uses[name]?.(request));
    if (lack !== undefined) refuse(response, status, words(lack));
    else sendText(response, request, VERDICT);
  };
}

/** Words that name nothing. */
export const silent = (): object => ({ message: 'Bad request.' });

/** As the servers themselves say it. */
export const WORDS: Readonly<Record<string, object>> = {
  json_schema: { message: "'response_format.type' must be one of 'text' and 'json_object'" },
  json_object: { message: 'response_format of type json_object is not supported with this model' },
  tools: { message: 'registry.ollama.ai/library/some-model does not support tools' },
  stream: { message: 'Streaming is not supported for this model', param: 'stream' },
  stream_options: { message: 'Extra inputs are not permitted', param: 'stream_options' },
  temperature: {
    message: "Unsupported value: 'temperature' does not support 0.5 with this model.",
    param: 'temperature',
  },
  reasoning_effort: { message: "Unrecognized request argument supplied: 'reasoning_effort'" },
  max_tokens: { message: "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead." },
  max_completion_tokens: { message: 'Unknown parameter: max_completion_tokens' },
  system: { message: "Unsupported value: 'messages[0].role' does not support 'system' with this model." },
};

/** Words by which the server names what it lacks. */
export const named = (lack: string): object => WORDS[lack] ?? {};
