import { readFile } from 'node:fs/promises';
import { processFileSchema } from '../../domain/node-record';
import { liveOutputPath } from '../../sandbox/attempts';
import { readHostId } from '../../sandbox/host-id';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { errorCode } from '../../store/store-error';
import { failed } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { logsJsonSchema } from '../json-output';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';

interface Output {
  readonly text: string;
  readonly running: boolean;
}

export async function showLogs(
  context: CommandContext,
  runId: string,
  nodeText: string,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const node = requireNode(await requireRun(context, runId), nodeText);
  const output = (await storedOutput(context, runId, node.id)) ?? (await liveOutput(context, runId, node.id));
  if (options.json) {
    const { text, running } = output;
    printJson(context, logsJsonSchema, { runId, node: node.id, running, output: text });
  } else if (output.text !== '') {
    context.print(output.text.trimEnd());
  }
  return ExitCode.done;
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
    return { text: await readFile(liveOutputPath(process.directory), 'utf8'), running: true };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    // It ended between the two looks.
    return (await storedOutput(context, runId, node)) ?? { text: '', running: false };
  }
}
