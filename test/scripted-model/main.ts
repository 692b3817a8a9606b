import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ruleSchema } from './rules';
import { startScriptedModel } from './scripted-model';

const HELP = `Usage: npm run llm:scripted -- [options]

A model server for tests: it speaks OpenAI's chat completions and answers by node and purpose.

  --port N        port to listen on (default: any free one)
  --rules FILE    JSON list of rules: what to do with which request
  --record FILE   append every request and answer to this file, a line of JSON each
  --plain-only    refuse structured output, as simple servers do
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      rules: { type: 'string' },
      record: { type: 'string' },
      'plain-only': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const model = await startScriptedModel({
    port: Number(values.port ?? 0),
    rules: values.rules === undefined ? [] : readRules(values.rules),
    plainOnly: values['plain-only'] === true,
    ...(values.record === undefined ? {} : { recordTo: values.record }),
  });
  const address = new URL(model.baseUrl).origin;
  process.stdout.write(`The scripted model server answers at ${model.baseUrl}

  use it:       OPENAI_BASE_URL=${model.baseUrl} COPPICE_MODEL=scripted npx coppice run …
  requests:     curl ${address}/_requests
  add rules:    curl ${address}/_rules -d '[{"purpose": "draft", "nth": 2, "action": {"type": "respond", "status": 500}}]'
  actions:      answer (text, script, finishReason), respond (status, headers, body), hold, cut, die
  drop rules:   curl -X DELETE ${address}/_rules
  answer held:  curl -X POST ${address}/_release

Ctrl-C ends it.
`);
}

function readRules(file: string): z.output<typeof ruleSchema>[] {
  return z.array(ruleSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
