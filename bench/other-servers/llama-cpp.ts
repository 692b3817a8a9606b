import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { OtherServer } from './other-server';
import { freePort, pythonEnvironment, startProgram } from './python-program';

const VERSION = '0.3.36';
const CONTEXT_TOKENS = 32_768;

/** The server of llama-cpp-python with a tiny model of random weights, made on the spot. */
export async function startLlamaCpp(cache: string): Promise<OtherServer> {
  const directory = path.join(cache, 'llama-cpp');
  const python = await pythonEnvironment(directory, [`llama-cpp-python[server]==${VERSION}`, 'gguf==0.19.0']);
  const model = path.join(directory, 'tiny.gguf');
  await promisify(execFile)(python, [path.join(__dirname, 'tiny_model.py'), model]);
  const port = await freePort();
  const program = await startProgram(
    [
      ...([python, '-m', 'llama_cpp.server', '--model', model, '--model_alias', 'tiny'] as const),
      ...['--n_ctx', String(CONTEXT_TOKENS), '--n_threads', '1', '--host', '127.0.0.1', '--port', String(port)],
    ],
    `http://127.0.0.1:${port}/v1/models`,
  );
  return {
    name: 'llama-cpp',
    version: VERSION,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    keyVariable: 'LLAMA_CPP_KEY',
    key: 'none-needed',
    served: () => program.log().split('"POST /v1/chat/completions').length - 1,
    close: () => program.close(),
  };
}
