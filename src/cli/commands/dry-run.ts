import { stringify } from 'yaml';
import { isOffline } from '../../domain/resolved-model';
import type { Preview } from '../../domain/preview';
import { estimateCost } from '../../report/cost-estimate';
import type { Range } from '../../report/cost-estimate';
import { counted, formatCount, formatDollars } from '../../domain/format';
import { modelsInWords } from '../../report/model-words';
import { scriptNeeds } from '../../sandbox/script-needs';
import { openWorkerIsolations } from '../../workers/worker-isolations';
import type { CommandContext } from '../command-context';
import type { Rehearsal } from '../dry-run/rehearse';
import { rehearse } from '../dry-run/rehearse';
import { ExitCode } from '../exit-code';
import { findRun } from '../find-run';
import { isolationLines, notHiddenLines } from '../isolation-words';
import { dryRunJsonSchema } from '../json-output';
import type { DryRunJson } from '../json-output';
import { modelLines } from '../model-lines';
import { printJson } from '../print-json';
import type { RunRequest } from '../request';
import { labelled, takenForLines } from '../task-lines';

/** Shows what a run of the request would begin with, and starts nothing of it: no server, no run, no call. */
export async function dryRun(
  context: CommandContext,
  request: RunRequest,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const rehearsal = await rehearse(context, request);
  const found = await findRun(context, request, null);
  const isolations = await openWorkerIsolations(context.settings);
  const { network } = scriptNeeds({ request: request.spec, task: rehearsal.run.task });
  const { run, evaluation, preview, prompt } = rehearsal;
  const facts: DryRunJson = {
    run: found.kind === 'new' ? { kind: 'new', runId: found.named ?? `${request.task.name}-${found.first}` } : found,
    spec: { ...run.request, parallel: run.parallel, ...(request.spec.seed === undefined ? {} : { seed: run.seed }) },
    task: run.task,
    models: modelsInWords(run.models),
    evaluation: { kind: evaluation.kind, why: evaluation.why },
    isolation: [
      ...isolationLines(isolations, request.spec.isolation, network),
      ...notHiddenLines(isolations, request.spec, run.task),
    ],
    preview,
    prompt: { tokens: prompt.estimatedTokens, messages: [...prompt.messages] },
    estimate: isOffline(run.models) ? null : estimateCost(run.models, prompt.estimatedTokens, request.spec.steps),
  };
  if (options.json) printJson(context, dryRunJsonSchema, facts);
  else for (const line of dryRunLines(facts, rehearsal)) context.print(line);
  return ExitCode.done;
}

function dryRunLines(facts: DryRunJson, { run }: Rehearsal): string[] {
  const { prompt, spec, preview } = facts;
  return [
    'Dry run: nothing is started, no model is called, nothing is paid for.',
    '',
    `run        ${runInWords(facts.run)}`,
    `task       ${run.task.name}: ${run.task.metric} (${run.task.direction})`,
    ...takenForLines(run.task),
    ...(isOffline(run.models) ? [`model      ${facts.models}`] : modelLines(run.models, run.request.limits)),
    `evaluation ${facts.evaluation.kind}: ${facts.evaluation.why}`,
    ...labelled('isolation', facts.isolation),
    ...estimateLines(facts),
    '',
    'The resolved spec (what is left out has its default, or is drawn at the start):',
    ...indented(stringify(spec)),
    'The data as coppice sees them:',
    ...indented(previewLines(preview).join('\n')),
    `The first prompt, ${formatCount(prompt.tokens)} tokens:`,
    ...prompt.messages.flatMap(({ role, content }) => [`  --- ${role}`, ...indented(content)]),
  ];
}

function runInWords(run: DryRunJson['run']): string {
  switch (run.kind) {
    case 'new':
      return `${run.runId}, which would be new`;
    case 'unfinished':
      return `${run.runId}, which is not over: it would go on, with the spec and data it began with`;
    case 'over':
      return `${run.runId}, which is over: its result would be shown`;
  }
}

function estimateLines({ estimate, spec }: DryRunJson): string[] {
  if (estimate === null) return ['estimate   no model, no cost'];
  const tokens = inRange(estimate.tokens, (count) => formatCount(roundedTo2(count)));
  const cost = estimate.costUsd === null ? '' : `, ${inRange(estimate.costUsd, formatDollars)}`;
  return [
    `estimate   ${tokens} tokens${cost} for ${counted(spec.steps, 'step')}; with short and with long scripts,`,
    '           without reasoning, repeated questions and the provider’s cache',
  ];
}

function inRange({ low, high }: Range, words: (value: number) => string): string {
  return `${words(low)} to ${words(high)}`;
}

/** An estimate is not known to the last digit. */
function roundedTo2(count: number): number {
  return Number(count.toPrecision(2));
}

function previewLines(preview: Preview): string[] {
  const tables = preview.tables.map(({ path, rows, rowsExact, columns, columnsLeftOut }) => {
    const all = columns.length + columnsLeftOut;
    return `${path}: ${rowsExact ? '' : 'about '}${formatCount(rows)} rows, ${counted(all, 'column')}`;
  });
  const others = preview.files.length + preview.filesLeftOut - preview.tables.length;
  const rest = others > 0 ? [`and ${counted(others, 'other file')}`] : [];
  return [...tables, ...rest, ...preview.problems.map(({ path, message }) => `${path}: ${message}`)];
}

function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd());
}
