import { formatSeconds } from '../../domain/format';
import type { NodeCall } from '../../llm/node-calls';
import { readNodeCalls } from '../../llm/node-calls';
import type { Usage } from '../../domain/usage';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { CallJson } from '../look-back-json';
import { promptJsonSchema } from '../look-back-json';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';

/** Prints every call of a node: what was asked of which model, how long it took and cost, and what came back. */
export async function showPrompt(
  context: CommandContext,
  runId: string,
  nodeText: string,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const node = requireNode(await requireRun(context, runId), nodeText);
  const calls = (await readNodeCalls(context.store, runId, node.id)).map(callJson);
  if (options.json) {
    printJson(context, promptJsonSchema, { runId, node: node.id, calls });
    return ExitCode.done;
  }
  if (calls.length === 0) context.print(`no model was asked for node ${node.id} of ${runId}`);
  for (const [index, call] of calls.entries()) {
    const title = `call ${index + 1} of ${calls.length}: ${call.purpose}, ask ${call.ask}`;
    for (const line of callLines(title, call)) context.print(line);
  }
  return ExitCode.done;
}

function callJson({ purpose, ask, request, answer, refusal, attempts }: NodeCall): CallJson {
  const sent = answer ?? attempts.at(-1) ?? null;
  return {
    purpose,
    ask,
    model: sent?.model ?? request.model,
    endpoint: sent?.endpoint ?? null,
    sentAt: sent?.sentAt ?? null,
    durationMs: answer?.durationMs ?? null,
    firstPartMs: answer?.firstPartMs ?? null,
    usage: answer === null ? null : callUsage(answer.usage),
    estimatedTokens: request.estimatedTokens,
    shrunk: request.shrunk,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    answer: answer === null ? null : { text: answer.text, finishReason: answer.finishReason, refusal: answer.refusal },
    tooLong: refusal?.message ?? null,
    attempts: attempts.map((attempt) => ({
      ...attempt,
      usage: attempt.usage === null ? null : callUsage(attempt.usage),
    })),
  };
}

function callUsage(usage: Usage): NonNullable<CallJson['usage']> {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens, costUsd } = usage;
  return { promptTokens, completionTokens, cachedTokens, reasoningTokens, costUsd };
}

function callLines(title: string, call: CallJson): string[] {
  const { answer, tooLong } = call;
  return [
    `━━ ${title} ━━`,
    ...facts(call).map(([name, value]) => `${name.padEnd(11)}${value}`),
    ...attemptLines(call),
    ...call.messages.flatMap(({ role, content }) => section(role, content)),
    ...(answer === null ? [] : section('answer', answer.refusal ?? answer.text)),
    ...(tooLong === null ? [] : section('no answer: the prompt is too long', tooLong)),
    ...(answer === null && tooLong === null ? section('no answer', 'None is stored.') : []),
    '',
  ];
}

function facts(call: CallJson): [string, string][] {
  const { usage, answer } = call;
  const shrunk =
    call.shrunk === 0 ? '' : `, with the context shrunk ${call.shrunk === 1 ? 'once' : `${call.shrunk} times`}`;
  const all: [string, string | null][] = [
    ['model', call.endpoint === null ? call.model : `${call.model} at ${call.endpoint}`],
    ['sent', call.sentAt],
    ['took', call.durationMs === null ? null : duration(call.durationMs, call.firstPartMs)],
    ['tokens', usage === null ? `about ${call.estimatedTokens} in${shrunk}` : `${tokens(usage)}${shrunk}`],
    ['cost', usage === null ? null : cost(usage)],
    ['ended by', answer?.finishReason ?? null],
  ];
  return all.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

function duration(took: number, firstPart: number | null): string {
  const first = firstPart === null ? '' : `, first part after ${formatSeconds(firstPart / 1000)}`;
  return `${formatSeconds(took / 1000)}${first}`;
}

function tokens(usage: NonNullable<CallJson['usage']>): string {
  const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = usage;
  return `${promptTokens} in (${cachedTokens} cached), ${completionTokens} out (${reasoningTokens} reasoning)`;
}

function cost({ costUsd }: NonNullable<CallJson['usage']>): string {
  return costUsd === null ? 'unknown: the model has no price here' : `$${costUsd.toFixed(6)}`;
}

/** One that was answered at once is told of already. */
function attemptLines({ attempts }: CallJson): string[] {
  if (attempts.length === 1 && attempts[0]?.outcome === 'answered') return [];
  return attempts.map((attempt, index) => {
    const { sentAt, model, endpoint, usage } = attempt;
    const bought = usage === null ? '' : `; ${tokens(usage)}`;
    return `${`attempt ${index + 1}`.padEnd(11)}${sentAt} ${model} at ${endpoint}: ${attemptEnd(attempt)}${bought}`;
  });
}

function attemptEnd({ outcome, failure, status }: CallJson['attempts'][number]): string {
  if (outcome === null) return 'open, or lost with its worker';
  if (outcome !== 'failed') return outcome;
  return [`failed${status === null ? '' : ` with status ${status}`}`, ...(failure === null ? [] : [failure])].join(
    ': ',
  );
}

function section(title: string, text: string): string[] {
  return ['', `── ${title} ──`, text.trimEnd()];
}
