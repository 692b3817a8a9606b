import { usageFields, type Completion } from './completion';

/** Characters of one part of a streamed answer. */
const PART_CHARACTERS = 60;

/**
 * The completion as the chunks of a stream, the last ones together: what an interrupted stream has told is never its
 * usage.
 */
export function streamChunks(completion: Completion, includeUsage: boolean): string[] {
  const { content, refusal, reasoning, tool, form } = completion;
  const chunk = (delta: object, finishReason: string | null = null): string =>
    serverSentEvent(frame(completion, [{ index: 0, delta, finish_reason: finishReason }]));
  const nothing = form === 'no_choices' || form === 'empty_choices';
  const parts = nothing
    ? []
    : [
        chunk({ role: 'assistant', content: content === null ? null : '' }),
        ...(reasoning === null ? [] : pieces(reasoning.text).map((text) => chunk({ [reasoning.field]: text }))),
        ...pieces(content ?? '').map((text) => chunk({ content: text })),
        ...pieces(refusal ?? '').map((text) => chunk({ refusal: text })),
        ...toolDeltas(tool).map((delta) => chunk({ tool_calls: [delta] })),
      ];
  const usage =
    includeUsage && completion.tellsUsage
      ? [serverSentEvent({ ...frame(completion, []), usage: usageFields(completion.usage) })]
      : [];
  const end = [...(nothing ? [] : [chunk({}, completion.finishReason)]), ...usage, 'data: [DONE]\n\n'];
  return [...parts, end.join('')];
}

export function serverSentEvent(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function frame({ id, model }: Completion, choices: readonly object[]): object {
  return { id, object: 'chat.completion.chunk', created: 0, model, choices };
}

function toolDeltas(tool: Completion['tool']): object[] {
  if (tool === null) return [];
  return [
    { index: 0, id: 'call-1', type: 'function', function: { name: tool.name, arguments: '' } },
    ...pieces(tool.arguments).map((text) => ({ index: 0, function: { arguments: text } })),
  ];
}

function pieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PART_CHARACTERS) }, (_, index) =>
    text.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS),
  );
}
