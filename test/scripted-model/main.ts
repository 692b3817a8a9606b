import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { lacksSchema, type LacksInput } from './lacks';
import { FAULTS, type FaultName, type RandomFaults } from './random-faults';
import { ruleSchema } from './rules';
import { startScriptedModel } from './scripted-model';

const HELP = `Usage: npm run llm:scripted -- [options]

A model server for tests: it speaks OpenAI's chat completions and answers by node and purpose.

  --port N        port to listen on (default: any free one)
  --rules FILE    JSON list of rules: what to do with which request
  --record FILE   append every request and answer to this file, a line of JSON each
  --plain-only    refuse structured output, as simple servers do
  --lacks LIST    refuse these parts of the interface: json_schema,json_object,tools,temperature,seed,stream,
                  stream_options,system,max_tokens,max_completion_tokens,reasoning_effort
  --lack-status N with this status: 400, 422 or 500 (default: 400)
  --context N     refuse prompts of more tokens than this
  --faults SHARE  do something wrong with this share of all requests, from 0 to 1
  --seed N        what is done wrong when (default: 1)
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      rules: { type: 'string' },
      record: { type: 'string' },
      'plain-only': { type: 'boolean' },
      lacks: { type: 'string' },
      'lack-status': { type: 'string' },
      context: { type: 'string' },
      faults: { type: 'string' },
      seed: { type: 'string' },
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
    ...(values.lacks === undefined ? {} : { lacks: readLacks(values.lacks, values['lack-status']) }),
    ...(values.context === undefined ? {} : { contextTokens: Number(values.context) }),
    ...(values.faults === undefined ? {} : { randomFaults: readFaults(values.faults, values.seed) }),
    ...(values.record === undefined ? {} : { recordTo: values.record }),
  });
  const address = new URL(model.baseUrl).origin;
  process.stdout.write(`The scripted model server answers at ${model.baseUrl}

  use it:       OPENAI_BASE_URL=${model.baseUrl} COPPICE_MODEL=scripted npx coppice run …
  requests:     curl ${address}/_requests
  served:       curl ${address}/_served
  add rules:    curl ${address}/_rules -d '[{"purpose": "draft", "nth": 2, "action": {"type": "respond", "status": 500}}]'
  actions:      answer (text, script, finishReason, reasoning, cutAt, form, usage, stream, inOnePiece),
                respond (status, headers, body), refuse (status, code, message, retryAfter), too_long,
                garbage (kind), hold, cut (after), down (ms), die (when)
  drop rules:   curl -X DELETE ${address}/_rules
  answer held:  curl -X POST ${address}/_release

Ctrl-C ends it.
`);
}

function readRules(file: string): z.output<typeof ruleSchema>[] {
  return z.array(ruleSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
}

function readLacks(list: string, status = '400'): LacksInput {
  return lacksSchema.parse({ lacks: list.split(','), status: Number(status) });
}

function readFaults(share: string, seed = '1'): RandomFaults {
  const kinds = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);
  return { seed: Number(seed), share: Number(share), kinds };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
