import { readFile } from 'node:fs/promises';
import { processFileSchema } from '../../domain/node-record';
import { liveOutputPath } from '../../sandbox/attempts';
import { readHostId } from '../../sandbox/host-id';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { errorCode } from '../../store/store-error';
import { failed, wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { followOutput } from '../follow-output';
import { watchInterruption } from '../interruption';
import { logsJsonSchema } from '../json-output';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';
import { commandRedactor } from '../with-environment-files';

export interface LogsOptions {
  readonly json: boolean;
  /** Goes on until the script has ended. */
  readonly follow: boolean;
  /** Only so many lines of the end; null: all. */
  readonly tail: number | null;
}

interface Output {
  readonly text: string;
  readonly running: boolean;
}

export async function showLogs(
  context: CommandContext,
  runId: string,
  nodeText: string,
  options: LogsOptions,
): Promise<ExitCode> {
  const node = requireNode(await requireRun(context, runId), nodeText);
  if (options.follow) return follow(context, runId, node.id, options);
  const output = (await storedOutput(context, runId, node.id)) ?? (await liveOutput(context, runId, node.id));
  if (options.json) {
    const { text, running } = output;
    printJson(context, logsJsonSchema, { runId, node: node.id, running, output: lastLines(text, options.tail) });
  } else if (output.text !== '') {
    context.print(lastLines(output.text, options.tail).trimEnd());
  }
  return ExitCode.done;
}

/** Writes the output as it comes, until the script has ended or somebody interrupts. */
async function follow(context: CommandContext, runId: string, node: number, options: LogsOptions): Promise<ExitCode> {
  if (options.json || options.tail !== null) {
    throw wrongInput('--follow writes the output as it comes: leave out --json and --tail');
  }
  const leaving = new AbortController();
  const interruption = watchInterruption(() => {
    leaving.abort();
  });
  try {
    const end = await followOutput({
      ...{ store: context.store, runId, node, write: context.write },
      hostId: await readHostId(context.settings.environment),
      redactor: commandRedactor(context),
      note: (line) => {
        context.note(line);
      },
      signal: leaving.signal,
    });
    if (end === 'none') context.note(`node ${node} was recorded without a script's output; \`coppice show\` tells why`);
    if (end === 'over')
      context.note(`the run is over: the script of node ${node} was ended, and its output is not kept`);
    return end === 'interrupted' ? ExitCode.interrupted : ExitCode.done;
  } finally {
    interruption.end();
  }
}

/** The last lines of a text; all of it without a number. */
function lastLines(text: string, count: number | null): string {
  if (count === null) return text;
  const lines = text.split('\n');
  const isEnded = lines.at(-1) === '';
  return lines.slice(-count - (isEnded ? 1 : 0)).join('\n');
}

async function storedOutput(context: CommandContext, runId: string, node: number): Promise<Output | null> {
  const content = await context.store.read(runKeys(runId).node(node).output);
  return content === null ? null : { text: content.toString('utf8'), running: false };
}

/** What the script has written so far; it lies on the machine that runs it until it ends. */
async function liveOutput(context: CommandContext, runId: string, node: number): Promise<Output> {
  const process = await readJson(context.store, runKeys(runId).node(node).process, processFileSchema);
  if (process === null) return { text: '', running: false };
  if (process.hostId !== (await readHostId(context.settings.environment))) {
    throw failed(
      `node ${node} runs on another machine (${process.hostId}); its output is here once the script has ended`,
    );
  }
  try {
    const text = await readFile(liveOutputPath(process.directory), 'utf8');
    return { text: commandRedactor(context).redact(text), running: true };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    // It ended between the two looks.
    return (await storedOutput(context, runId, node)) ?? { text: '', running: false };
  }
}
