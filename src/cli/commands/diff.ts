import { readText } from '../../llm/run-material';
import type { RunView } from '../../report/run-view';
import { readNodeCalls } from '../../llm/node-calls';
import { colouredDiff, unifiedDiff } from '../../report/unified-diff';
import { originInWords } from '../../report/words';
import { runKeys } from '../../store/run-keys';
import { wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { DiffJson } from '../look-back-json';
import { diffJsonSchema } from '../look-back-json';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';

interface DiffOptions {
  readonly json: boolean;
  /** Compares the first prompts instead of plans and scripts. */
  readonly prompt: boolean;
  /** Whether the reader is a terminal that shows colours. */
  readonly coloured: boolean;
}

/**
 * Prints what differs between two nodes: from the first to the second, or from the parent to the only one named.
 *
 * @throws CommandFailure when a node does not exist, or there is nothing to compare it with
 */
export async function diffNodes(
  context: CommandContext,
  runId: string,
  nodeText: string,
  otherText: string | undefined,
  options: DiffOptions,
): Promise<ExitCode> {
  const view = await requireRun(context, runId);
  const [from, to] = nodesOf(view, nodeText, otherText);
  const texts = options.prompt
    ? await promptDiff(context, runId, from, to)
    : await scriptDiff(context, runId, from, to);
  const diff: DiffJson = { runId, from, to, ...texts };
  if (options.json) printJson(context, diffJsonSchema, diff);
  else for (const line of diffLines(view, diff, options)) context.print(line);
  return ExitCode.done;
}

function nodesOf(view: RunView, nodeText: string, otherText: string | undefined): [number, number] {
  const node = requireNode(view, nodeText);
  if (otherText !== undefined) return [node.id, requireNode(view, otherText).id];
  if (node.parent !== null) return [node.parent, node.id];
  throw wrongInput(
    `node ${node.id} is a ${node.operator} and has no parent to compare it with: name a second node, ` +
      `such as \`coppice diff ${view.runId} ${node.id} ${another(view, node.id)}\``,
  );
}

function another(view: RunView, id: number): string {
  return String(view.nodes.find((node) => node.id !== id)?.id ?? 'NODE');
}

type Texts = Pick<DiffJson, 'plan' | 'code' | 'prompt'>;

async function scriptDiff({ store }: CommandContext, runId: string, from: number, to: number): Promise<Texts> {
  const compare = async (file: 'plan' | 'solution', name: string): Promise<string> => {
    const named = async (id: number) => ({
      name: `${id}/${name}`,
      text: await readText(store, runKeys(runId).node(id)[file]),
    });
    return unifiedDiff(await named(from), await named(to));
  };
  return { plan: await compare('plan', 'plan.md'), code: await compare('solution', 'solution.py'), prompt: null };
}

async function promptDiff(context: CommandContext, runId: string, from: number, to: number): Promise<Texts> {
  const named = async (id: number) => ({ name: `${id}/prompt`, text: await firstPrompt(context, runId, id) });
  return { plan: null, code: null, prompt: unifiedDiff(await named(from), await named(to)) };
}

async function firstPrompt({ store }: CommandContext, runId: string, node: number): Promise<string> {
  const [first] = await readNodeCalls(store, runId, node);
  if (first === undefined)
    throw wrongInput(`no model was asked for node ${node} of run "${runId}", so it has no prompt`);
  return first.request.messages.map(({ role, content }) => `── ${role} ──\n${content.trimEnd()}\n`).join('\n');
}

function diffLines(view: RunView, { from, to, plan, code, prompt }: DiffJson, { coloured }: DiffOptions): string[] {
  const parts: [string, string | null][] = [
    ['plan', plan],
    ['script', code],
    ['first prompt', prompt],
  ];
  const shown = parts.flatMap(([name, diff]) => {
    if (diff === null) return [];
    if (diff === '') return [`the ${name} is the same`];
    return [(coloured ? colouredDiff(diff) : diff).trimEnd()];
  });
  return [`node ${from} (${origin(view, from)}) → node ${to} (${origin(view, to)})`, ...shown];
}

function origin(view: RunView, id: number): string {
  const node = view.nodes.find((candidate) => candidate.id === id);
  return node === undefined ? 'not recorded' : originInWords(node);
}
