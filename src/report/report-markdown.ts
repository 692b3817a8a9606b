import type { CallLedger } from '../domain/call-ledger';
import { isOffline } from '../domain/resolved-model';
import type { RunSpec } from '../domain/run-spec';
import { prunedIds } from './counted-records';
import { renderEvaluation } from './evaluation-section';
import { scoreInWords, selectionInWords } from './evaluation-words';
import { counted, formatMetric, formatSeconds } from '../domain/format';
import { notHiddenInWords } from './isolation-words';
import { escapeMarkdown, fenced, markdownTable, quoted } from './markdown';
import { capInWords } from './model-words';
import { renderOrigin } from './origin-section';
import { reproduceCommand } from './reproduce-command';
import type { RunView } from './run-view';
import { bestOf, failureCounts, recordsOf } from './run-view';
import { scoreChart } from './score-chart';
import { renderDoubts, renderSelection } from './selection-section';
import { renderSteering } from './steering-section';
import { notedBeside, notesOf } from './steering-words';
import { renderUsage } from './usage-section';
import { originInWords, outcomeInWords, stateInWords } from './words';
import { isWrittenOffline, writersInWords } from './writers';

/** Most rows of the table of nodes; the tree page shows them all. */
const TABLE_ROWS = 2000;

/** What the report tells besides the run's records. */
export interface ReportMaterial {
  readonly ledger: CallLedger;
  /** The search in the model's own words; null when nobody told it. */
  readonly story: string | null;
}

/** `report.md`: what was asked, how it was done and what came of it, from the run's files alone. */
export function renderReport(view: RunView, { ledger, story }: ReportMaterial): string {
  const sections = [
    heading(view),
    outcome(view),
    renderOrigin(view),
    bestNode(view),
    storyOf(story),
    renderSelection(view),
    course(view),
    renderSteering(view),
    settings(view),
    renderEvaluation(view),
    nodes(view),
    renderDoubts(view),
    failures(view),
    renderUsage(view, ledger),
    reproduction(view),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function heading({ runId, run }: RunView): string {
  const offline = isWrittenOffline(run)
    ? '\n\nNo language model was used: every script was written by the offline model, which knows a fixed set of scikit-learn building blocks.'
    : '';
  return `# Run ${escapeMarkdown(runId)}\n\n${escapeMarkdown(run.task.goal)}${offline}`;
}

function outcome(view: RunView): string {
  const { run, state } = view;
  const best = bestOf(view);
  const records = recordsOf(view);
  const working = records.filter((record) => record.status === 'working').length;
  const score =
    best === null
      ? '- Best score: none, no script worked'
      : `- Best score: **${formatMetric(best.metric)}** ${metricName(view)}, node ${best.id} ${escapeMarkdown(notedBeside(notesOf(view, best.id)))}`.trimEnd();
  const selected = state?.selection == null ? null : selectionInWords(state.selection, view.evaluation?.kind);
  const notHidden = notHiddenInWords(view);
  return [
    '## Outcome',
    '',
    `- State: ${escapeMarkdown(stateInWords(state))}`,
    score,
    ...(selected === null ? [] : [`- Selection score: **${escapeMarkdown(selected)}**`]),
    ...(notHidden === null ? [] : [`- **Warning**: ${escapeMarkdown(notHidden)}`]),
    `- Nodes: ${records.length} of ${state?.stepsTotal ?? run.request.steps} steps, ${working} working, ${records.length - working} failed`,
    `- Working time: ${formatSeconds(state?.elapsedSeconds ?? 0)}`,
    `- Started ${run.createdAt}${state === null ? '' : `, last change ${state.updatedAt}`}`,
    `- Scripts by: ${escapeMarkdown(writersInWords(run))}`,
  ].join('\n');
}

function bestNode(view: RunView): string {
  const best = bestOf(view);
  if (best === null) return '';
  const submission = view.run.task.sample === null ? '' : ' and `best/submission.csv`';
  return [
    '## Best node',
    '',
    `Node ${best.id}, ${originInWords(best)}: ${escapeMarkdown(best.title)}`,
    '',
    ...(best.summary === '' ? [] : [escapeMarkdown(best.summary), '']),
    `Its script is \`best/solution.py\`${submission}; its plan is \`nodes/${best.id}/plan.md\`.`,
  ].join('\n');
}

/** Quoted: its headings are not the report's, and nobody has checked what it says. */
function storyOf(story: string | null): string {
  return story === null || story.trim() === '' ? '' : `## The search, as the model tells it\n\n${quoted(story)}`;
}

function course(view: RunView): string {
  const chart = scoreChart(view);
  return chart === null ? '' : `## Best score by node recorded\n\n${fenced(chart, 'text')}`;
}

function settings({ run, environment }: RunView): string {
  const { request } = run;
  const rows: [string, string][] = [
    ['Task', typeof request.task === 'string' ? request.task : request.task.data],
    ['Data', run.task.dataDirectory],
    ['Metric', `${run.task.metric} (${run.task.direction})`],
    ['Target column', run.task.target ?? '–'],
    ['Steps', String(request.steps)],
    ['At once', String(run.parallel)],
    ['Seed', String(run.seed)],
    ['Policy', policyInWords(request)],
    ['Limits', limitsInWords(request)],
    ['Versions', `coppice ${run.versions.coppice}, Node ${run.versions.node}, Python ${environment.python}`],
    ['Packages', packagesInWords(environment.packages)],
  ];
  return `## Settings\n\n${markdownTable(
    ['Setting', 'Value'],
    rows.map(([name, value]) => [name, escapeMarkdown(value)]),
  )}`;
}

function policyInWords({ policy }: RunSpec): string {
  return `${policy.name}: ${policy.numDrafts} drafts, debug with probability ${policy.debugProbability} up to depth ${policy.maxDebugDepth}`;
}

function limitsInWords({ limits, target, patience }: RunSpec): string {
  const cap = capInWords(limits);
  return [
    `a script ${formatSeconds(limits.script)}`,
    ...(limits.time === undefined ? [] : [`the run ${formatSeconds(limits.time)} of working time`]),
    ...(limits.deadline === undefined ? [] : [`the run until ${limits.deadline}`]),
    ...(cap === null ? [] : [`all model calls ${cap}`]),
    ...(target === undefined ? [] : [`until the score reaches ${target}`]),
    ...(patience === undefined ? [] : [`until ${counted(patience, 'node')} in a row bring nothing better`]),
  ].join('; ');
}

function packagesInWords(packages: Readonly<Record<string, string>>): string {
  const names = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return names.length === 0 ? '–' : names.join(', ');
}

function nodes(view: RunView): string {
  const records = recordsOf(view);
  if (records.length === 0) return '';
  const isGraded = view.evaluation !== null && view.evaluation.kind !== 'reported';
  const pruned = prunedIds(view);
  const rows = records
    .slice(0, TABLE_ROWS)
    .map((record) => [
      String(record.id),
      originInWords(record),
      `${outcomeInWords(record)}${pruned.has(record.id) ? ', pruned' : ''}`,
      scoreInWords(record.metric, record.standardError),
      ...(isGraded ? [formatMetric(record.reportedMetric)] : []),
      record.scriptSeconds === null ? '–' : formatSeconds(record.scriptSeconds),
      record.isolation ?? '–',
      escapeMarkdown(record.title),
    ]);
  const left = records.length - rows.length;
  const rest = left > 0 ? `\n\n${counted(left, 'further node')}: see tree.html.` : '';
  const metric = escapeMarkdown(view.run.task.metric);
  const own = isGraded ? [`Script's own ${metric}`] : [];
  const header = ['Node', 'Made as', 'Outcome', metric, ...own, 'Script ran', 'Isolation', 'Plan'];
  return `## Nodes\n\n${markdownTable(header, rows)}${rest}`;
}

function failures(view: RunView): string {
  const counts = failureCounts(view);
  if (counts.length === 0) return '';
  const rows = counts.map(([reason, count]) => {
    const example = recordsOf(view).find((record) => record.reason === reason);
    const message =
      example === undefined ? '–' : `node ${example.id}: ${escapeMarkdown(example.message.slice(0, 300))}`;
    return [`\`${reason}\``, String(count), message];
  });
  return `## Failures\n\n${markdownTable(['Reason', 'Nodes', 'First of them'], rows)}`;
}

function reproduction(view: RunView): string {
  return [
    '## Make it again',
    '',
    fenced(reproduceCommand(view.run), 'sh'),
    '',
    isOffline(view.run.models)
      ? 'The same seed and one script at a time give the same tree.'
      : 'The same seed makes the same decisions for the same scores; the scripts are as the model writes them.',
  ].join('\n');
}

function metricName(view: RunView): string {
  return `${escapeMarkdown(view.run.task.metric)} (${view.run.task.direction})`;
}
