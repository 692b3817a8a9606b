import type { z } from 'zod';
import { cleanJsonSchema } from './clean-json';
import { compareJsonSchema } from './compare-json';
import {
  doctorJsonSchema,
  dryRunJsonSchema,
  hintsJsonSchema,
  injectJsonSchema,
  listJsonSchema,
  logsJsonSchema,
  noteJsonSchema,
  reportJsonSchema,
  showJsonSchema,
  startJsonSchema,
  statusJsonSchema,
  treeJsonSchema,
} from './json-output';
import { diffJsonSchema, promptJsonSchema, replayJsonSchema } from './look-back-json';
import { submitJsonSchema } from './submit-json';

/**
 * Everything that is printed with --json, by what is typed before it, arguments left out. docs/schemas has a JSON Schema
 * of each, which `npm run schemas` writes; a schema that several commands share stands at the first one.
 */
export const JSON_OUTPUTS = {
  status: statusJsonSchema,
  tree: treeJsonSchema,
  show: showJsonSchema,
  'show --prompt': promptJsonSchema,
  diff: diffJsonSchema,
  logs: logsJsonSchema,
  watch: statusJsonSchema,
  list: listJsonSchema,
  report: reportJsonSchema,
  doctor: doctorJsonSchema,
  clean: cleanJsonSchema,
  replay: replayJsonSchema,
  start: startJsonSchema,
  run: statusJsonSchema,
  'run --dry-run': dryRunJsonSchema,
  'start --dry-run': dryRunJsonSchema,
  submit: submitJsonSchema,
  compare: compareJsonSchema,
  hint: hintsJsonSchema,
  inject: injectJsonSchema,
  note: noteJsonSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type JsonOutput = keyof typeof JSON_OUTPUTS;
