import { onOneLine } from '../domain/on-one-line';
import type { Direction } from '../domain/direction';
import type { TreeNode } from '../domain/tree-columns';
import { totalTokens } from '../domain/usage';
import { counted, formatCount, formatDollars, formatMetric, formatSeconds } from '../domain/format';
import type { Progress } from './messages';

/** Most lines of each list: the page stays small however long the run is. */
const MOST_IN_FLIGHT = 10;
const MOST_LATELY = 8;
const MOST_NUMBERS = 20;
const MOST_NAME = 80;
const BAR_CELLS = 20;

/** Blanks that do not break: the UI leaves no room between the cells of a table. */
const GAP = '\u00a0\u00a0';

/** What the current details of a run are made of, all of it from workflow state. */
export interface DetailsFacts {
  readonly progress: Progress;
  /** Path of the task, or of its data: a summary given at the start is lost when a run continues as new, this is not. */
  readonly taskPath: string;
  readonly direction: Direction;
  readonly elapsedMs: number;
  /** The run's working time in all; null without a limit. */
  readonly totalMs: number | null;
  /** Caps with what was added to them; null without one. */
  readonly caps: { readonly tokens: number | null; readonly costUsd: number | null };
  /** Nodes in flight, with what is being done for each. */
  readonly inFlight: readonly { readonly node: TreeNode; readonly runs: boolean }[];
  /** The nodes recorded last, newest last. */
  readonly lately: readonly TreeNode[];
}

/** The current details of a run, in Markdown: Temporal's UI shows them on the run's page. At most about 3 kB. */
export function detailsText(facts: DetailsFacts): string {
  const { progress } = facts;
  return [
    `### ${stateInWords(progress)}`,
    `\`${bar(progress.steps)}\` ${progress.steps.done} of ${progress.steps.total} steps`,
    table(facts),
    list('In flight', facts.inFlight.slice(0, MOST_IN_FLIGHT).map(flightLine), facts.inFlight.length - MOST_IN_FLIGHT),
    list(
      'Recorded last',
      facts.lately
        .slice(-MOST_LATELY)
        .reverse()
        .map((node) => recordLine(node, progress)),
      0,
    ),
    HOW_TO_STEER,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const HOW_TO_STEER = `**Steer** it by an update (“More Actions”, “Send an Update”), with these inputs:

- \`pause\` \`{"now": true}\`, \`resume\`, \`stop\` \`{"drain": true}\`; pause and stop also without input
- \`extend\` \`{"steps": 20, "time": "2h", "cost": 5}\`
- \`hint\` \`{"text": "try the logarithm of the target", "node": 4}\` (\`node\` may be left out), or \`{"withdraw": 1}\`
- \`inject\` \`{"code": "…", "title": "mine", "parent": 4}\` (title and parent may be left out)
- \`prune\` \`{"node": 4, "undo": true}\` (\`undo\` may be left out), \`note\` \`{"node": 4, "scores": {"public": 0.83}}\``;

function stateInWords({ state, pause }: Progress): string {
  // A person's pause says so itself; of coppice's own the reason is what the documents list.
  if (pause?.reason === 'person' && state === 'paused') return capitalised(shortLine(pause.message));
  if (state === 'paused' && pause !== null) return `Paused: ${shortLine(pause.message)} (${pause.reason})`;
  return capitalised(state);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function bar({ done, total }: Progress['steps']): string {
  const filled = total === 0 ? 0 : Math.round((Math.min(done, total) / total) * BAR_CELLS);
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
}

function table(facts: DetailsFacts): string {
  const { progress, taskPath, direction, elapsedMs, totalMs } = facts;
  const { nodes, best, selection, hints, pruned } = progress;
  const { working, failed, inFlight } = nodes;
  const rows: [string, string][] = [
    ['Task', `\`${lastPart(taskPath)}\`, ${direction}`],
    ['Best', best === null ? 'none yet' : `**${formatMetric(best.metric)}**, node ${best.id}`],
    ...(selection?.selectionScore == null
      ? []
      : [['Final selection', formatMetric(selection.selectionScore)] satisfies [string, string]]),
    ['Nodes', `${working} working, ${failed} failed, ${inFlight} in flight`],
    ['Worked', `${formatSeconds(elapsedMs / 1000)}${totalMs === null ? '' : ` of ${formatSeconds(totalMs / 1000)}`}`],
    ['Model', moneyInWords(facts)],
    ...(hints.length === 0 ? [] : [['Hints in force', hints.map(hintInWords).join(', ')] satisfies [string, string]]),
    ...(pruned.length === 0 ? [] : [['Pruned', `node ${numbers(pruned)}`] satisfies [string, string]]),
  ];
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name}${GAP} | ${value} |`)].join('\n');
}

function moneyInWords({ progress: { usage }, caps }: DetailsFacts): string {
  if (totalTokens(usage) === 0) return 'no tokens used';
  const tokens = `${formatCount(totalTokens(usage))}${caps.tokens === null ? '' : ` of ${formatCount(caps.tokens)}`} tokens`;
  const cap = caps.costUsd === null ? '' : ` of ${formatDollars(caps.costUsd)}`;
  const cost = usage.costUsd === null ? 'cost unknown' : `${formatDollars(usage.costUsd)}${cap}`;
  return `${counted(usage.calls, 'call')}, ${tokens}, ${cost}`;
}

function hintInWords({ number, node }: Progress['hints'][number]): string {
  return node === null ? String(number) : `${number} (from node ${node} on)`;
}

function numbers(ids: readonly number[]): string {
  const more = ids.length - MOST_NUMBERS;
  return `${ids.slice(0, MOST_NUMBERS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function list(title: string, lines: readonly string[], more: number): string {
  if (lines.length === 0) return '';
  const rest = more > 0 ? [`- and ${more} more`] : [];
  return [`**${title}**`, '', ...lines.map((line) => `- ${line}`), ...rest].join('\n');
}

function flightLine({ node, runs }: DetailsFacts['inFlight'][number]): string {
  return `node ${node.id} · ${origin(node)}: ${runs ? 'its script runs' : 'being written, graded or reviewed'}`;
}

function recordLine(node: TreeNode, { best }: Progress): string {
  const end = node.status === 'failed' ? `failed (${node.reason ?? 'unknown'})` : formatMetric(node.metric);
  return `node ${node.id} · ${origin(node)}: ${end}${best?.id === node.id ? ' (the best)' : ''}`;
}

function origin({ operator, parent }: TreeNode): string {
  return parent === null ? operator : `${operator} of ${parent}`;
}

/** Without what would end the code or the table. */
function lastPart(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  return shortLine((parts.at(-1) ?? path).replace(/[`|]/g, "'")).slice(0, MOST_NAME);
}

/** Bounded, and without what would end the heading. */
function shortLine(text: string): string {
  const line = onOneLine(text);
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
