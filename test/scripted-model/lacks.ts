import { z } from 'zod';
import { structuredBy, type CompletionRequest } from './request';

/** Parts of the interface that a server may not know. */
const LACKS = [
  'json_schema',
  'json_object',
  'tools',
  'temperature',
  'seed',
  'stream',
  'stream_options',
  'system',
  'max_tokens',
  'max_completion_tokens',
  'reasoning_effort',
] as const;
const lackSchema = z.enum(LACKS);
export type Lack = z.infer<typeof lackSchema>;

/** What a server cannot do, and how it says so. */
export const lacksSchema = z.strictObject({
  lacks: z.array(lackSchema),
  /** 400 and 422 name what is not known; 500 says nothing, as servers do that fall over it. */
  status: z.union([z.literal(400), z.literal(422), z.literal(500)]).default(400),
});
export type LacksInput = z.input<typeof lacksSchema>;

export interface LackRefusal {
  readonly lack: Lack;
  readonly status: number;
  readonly body: object;
}

/** Why the server cannot take the request; null when it can. */
export function refusalOf(request: CompletionRequest, input: LacksInput | undefined): LackRefusal | null {
  if (input === undefined) return null;
  const { lacks, status } = lacksSchema.parse(input);
  const lack = lacks.find((candidate) => uses(request, candidate));
  if (lack === undefined) return null;
  return { lack, status, body: status === 500 ? FALLEN_OVER : namedRefusal(lack) };
}

const FALLEN_OVER = {
  error: { message: 'Internal Server Error', type: 'internal_server_error', param: null, code: null },
};

/** Worded as the servers are that do say what they mind. */
function namedRefusal(lack: Lack): object {
  const { param, message, code } = wording(lack);
  return { error: { message, type: 'invalid_request_error', param, code } };
}

function wording(lack: Lack): { readonly param: string; readonly message: string; readonly code: string } {
  switch (lack) {
    case 'json_schema':
    case 'json_object':
      return {
        param: 'response_format',
        message: `Invalid parameter: 'response_format' of type '${lack}' is not supported with this model.`,
        code: 'unsupported_value',
      };
    case 'system':
      return {
        param: 'messages[0].role',
        message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        code: 'unsupported_value',
      };
    case 'temperature':
      return {
        param: 'temperature',
        message: "Unsupported value: 'temperature' does not support this value. Only the default (1) is supported.",
        code: 'unsupported_value',
      };
    case 'tools':
    case 'seed':
    case 'stream':
    case 'stream_options':
    case 'max_tokens':
    case 'max_completion_tokens':
    case 'reasoning_effort':
      return {
        param: lack,
        message: `Unsupported parameter: '${lack}' is not supported with this model.`,
        code: 'unsupported_parameter',
      };
  }
}

function uses(request: CompletionRequest, lack: Lack): boolean {
  switch (lack) {
    case 'json_schema':
    case 'json_object':
      return request.response_format?.type === lack;
    case 'tools':
      return structuredBy(request) === 'tool';
    case 'system':
      return request.messages.some(({ role }) => role === 'system');
    case 'stream':
      return request.stream === true;
    case 'temperature':
    case 'seed':
    case 'stream_options':
    case 'max_tokens':
    case 'max_completion_tokens':
    case 'reasoning_effort':
      return request[lack] != null;
  }
}
