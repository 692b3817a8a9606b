import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { OtherServer } from './other-server';
import { freePort, pythonEnvironment, startProgram } from './python-program';

const VERSION = '1.106.2';
const KEY = 'sk-made-up-for-this-bench';

const PROPOSAL = ['The mean of the target, to begin with.', '', '```python', "print('metric: 1.5')", '```', ''].join(
  '\n',
);
const REVIEW = JSON.stringify({
  is_bug: false,
  idea: 'Predict the mean.',
  change: 'A first draft.',
  lesson: 'The mean alone explains nothing.',
});

/** What LiteLLM believes to be behind a model decides which parameters it refuses; the answer is a fixed text. */
const MODELS = [
  ['proposer', 'openai/proposer', PROPOSAL],
  ['reviewer', 'openai/reviewer', REVIEW],
  ['picky-proposer', 'petals/picky-proposer', PROPOSAL],
  ['picky-reviewer', 'petals/picky-reviewer', REVIEW],
] as const;

/** LiteLLM's proxy, with answers of its own making in place of a provider behind it. */
export async function startLiteLlm(cache: string): Promise<OtherServer> {
  const directory = path.join(cache, 'litellm');
  const python = await pythonEnvironment(directory, [`litellm[proxy]==${VERSION}`]);
  const config = path.join(directory, 'config.yaml');
  await writeFile(config, stringify(settings()));
  const port = await freePort();
  const program = await startProgram(
    [path.join(path.dirname(python), 'litellm'), '--config', config, '--host', '127.0.0.1', '--port', String(port)],
    `http://127.0.0.1:${port}/health/liveliness`,
    { LITELLM_LOCAL_MODEL_COST_MAP: 'True' },
  );
  return {
    name: 'litellm',
    version: VERSION,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    keyVariable: 'LITELLM_KEY',
    key: KEY,
    served: () => program.log().split('"POST /v1/chat/completions').length - 1,
    close: () => program.close(),
  };
}

function settings(): Readonly<Record<string, unknown>> {
  return {
    general_settings: { master_key: KEY },
    litellm_settings: { num_retries: 0, telemetry: false },
    model_list: MODELS.map(([name, provided, answer]) => ({
      model_name: name,
      litellm_params: { model: provided, api_key: 'none', mock_response: answer },
    })),
  };
}
