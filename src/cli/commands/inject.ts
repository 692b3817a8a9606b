import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { INJECTED_BYTES, injectRequestSchema } from '../../domain/steering';
import { errorCode } from '../../store/store-error';
import { injectUpdate } from '../../workflows/messages';
import { checkedRequest } from '../checked-request';
import { wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { injectJsonSchema } from '../json-output';
import { printJson } from '../print-json';
import { steerRunning } from '../steer-running';
import { withoutSecrets } from '../without-secrets';

export interface InjectFlags {
  readonly title?: string;
  readonly parent?: number;
  readonly address?: string;
  readonly json?: true;
}

/** Brings a script into a run, where it becomes a node and is run and scored like any other. */
export async function injectScript(
  context: CommandContext,
  runId: string,
  file: string,
  { title, parent, address, json }: InjectFlags,
): Promise<ExitCode> {
  const code = withoutSecrets(context, await readScript(file), path.basename(file));
  const request = checkedRequest(injectRequestSchema, {
    code,
    ...(title === undefined ? {} : { title: withoutSecrets(context, title, 'the title') }),
    ...(parent === undefined ? {} : { parent }),
  });
  const { node } = await steerRunning(context, runId, address, (handle) =>
    handle.executeUpdate(injectUpdate, { args: [request] }),
  );
  if (json) {
    printJson(context, injectJsonSchema, { runId, node });
    return ExitCode.done;
  }
  context.print(
    `${path.basename(file)} is node ${node} of ${runId}: it runs beside the search, on top of its steps; ` +
      `\`coppice show ${runId} ${node}\` shows what comes of it`,
  );
  return ExitCode.done;
}

async function readScript(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > INJECTED_BYTES) {
      throw wrongInput(
        `${file} has ${size} bytes; a script may have ${INJECTED_BYTES}: put data beside the task's own`,
      );
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') throw wrongInput(`there is no file ${file}`);
    if (code === 'EISDIR' || code === 'EACCES') throw wrongInput(`${file} cannot be read as a file (${code})`);
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw wrongInput(`${file} is not text in UTF-8`);
    throw error;
  }
}
