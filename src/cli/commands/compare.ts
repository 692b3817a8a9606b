import type { EvaluationKind } from '../../domain/evaluation';
import { notesFileSchema } from '../../domain/steering';
import { formatCount, formatDollars, formatMetric, formatSeconds } from '../../domain/format';
import type { RunView } from '../../report/run-view';
import { bestOf, candidateOf } from '../../report/run-view';
import type { EqualPoint } from '../../report/score-course';
import { atEqual, scoreCourse } from '../../report/score-course';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import type { CompareJson } from '../compare-json';
import { compareJsonSchema } from '../compare-json';
import { comparisonDoubts } from '../comparison-doubts';
import { ExitCode } from '../exit-code';
import { printJson } from '../print-json';
import { requireRun } from '../require-run';
import { renderTable, widthsWithin } from '../table';
import { columnsOf } from '../terminal';

/**
 * Shows the best scores of runs when each had made as many nodes, had worked as long and had cost as much.
 *
 * @throws CommandFailure (exit 2) with fewer than two runs, or runs that measure something else
 */
export async function compareRuns(
  context: CommandContext,
  runIds: readonly string[],
  options: { readonly json: boolean },
): Promise<ExitCode> {
  if (new Set(runIds).size < 2) throw wrongInput('name at least two different runs to compare');
  const views: RunView[] = [];
  for (const runId of new Set(runIds)) views.push(await requireRun(context, runId));
  const comparison = await compare(context, views);
  if (options.json) printJson(context, compareJsonSchema, comparison);
  else for (const line of comparisonLines(comparison, columnsOf(context.terminal))) context.print(line);
  return ExitCode.done;
}

async function compare(context: CommandContext, views: readonly RunView[]): Promise<CompareJson> {
  const { metric, direction } = sameMeasure(views);
  const courses = views.map(scoreCourse);
  const points = (equal: readonly EqualPoint[] | null) =>
    (equal ?? []).map(({ at, runs }) => ({ at, runs: runs.map((run) => ({ ...run })) }));
  const equalCost = atEqual(courses, 'costUsd');
  return {
    metric,
    direction,
    runs: await Promise.all(views.map((view) => runFacts(context, view))),
    equalNodes: points(atEqual(courses, 'nodes')),
    equalSeconds: points(atEqual(courses, 'seconds')),
    equalCostUsd: equalCost === null ? null : points(equalCost),
    doubts: comparisonDoubts(views),
  };
}

/** Scores of different metrics have nothing to do with each other. */
function sameMeasure(views: readonly RunView[]) {
  const measures = views.map(({ runId, run: { task } }) => ({ runId, metric: task.metric, direction: task.direction }));
  const [first, ...others] = measures;
  if (first === undefined) throw new RangeError('a comparison without runs');
  const other = others.find(({ metric, direction }) => metric !== first.metric || direction !== first.direction);
  if (other === undefined) return first;
  throw wrongInput(
    `run "${first.runId}" measures ${first.metric} (${first.direction}), run "${other.runId}" ` +
      `${other.metric} (${other.direction}): their scores do not compare`,
  );
}

async function runFacts(context: CommandContext, view: RunView): Promise<CompareJson['runs'][number]> {
  const { runId, run, state, evaluation } = view;
  const last = scoreCourse(view).at(-1);
  return {
    runId,
    task: run.task.name,
    evaluation: evaluation?.kind ?? null,
    nodes: last?.nodes ?? 0,
    seconds: Math.max(state?.elapsedSeconds ?? 0, last?.seconds ?? 0),
    costUsd: state === null ? (last?.costUsd ?? 0) : state.usage.costUsd,
    best: await bestFacts(context, view),
  };
}

async function bestFacts(context: CommandContext, view: RunView): Promise<CompareJson['runs'][number]['best']> {
  const best = bestOf(view);
  if (best?.metric == null) return null;
  const notes = await readJson(context.store, runKeys(view.runId).node(best.id).notes, notesFileSchema);
  return {
    id: best.id,
    metric: best.metric,
    selectionScore: candidateOf(view, best.id)?.selectionScore ?? null,
    notes: notes?.scores ?? {},
  };
}

function comparisonLines(comparison: CompareJson, columns: number | null): string[] {
  const { metric, direction, runs, doubts } = comparison;
  const better = direction === 'maximize' ? 'more is better' : 'less is better';
  const course = (title: string, points: CompareJson['equalNodes'], inWords: (at: number) => string): string[] =>
    points.length === 0 ? [] : ['', title, courseTable(comparison, points, inWords, columns)];
  return [
    tableWithin(
      columns,
      ['run', 'task', 'scored by', `best ${metric}`, 'nodes', 'time', 'cost'],
      runs.map((run) => [
        run.runId,
        run.task,
        kindInWords(run.evaluation),
        bestInWords(run.best),
        formatCount(run.nodes),
        formatSeconds(run.seconds),
        run.costUsd === null ? '–' : formatDollars(run.costUsd),
      ]),
    ),
    ...course(`best ${metric} at equal nodes (${better}; * leads)`, comparison.equalNodes, formatCount),
    ...course(`best ${metric} at equal working time`, comparison.equalSeconds, formatSeconds),
    ...course(`best ${metric} at equal cost`, comparison.equalCostUsd ?? [], formatDollars),
    ...(comparison.equalCostUsd === null ? ['', 'no table of costs: none is known, or nothing cost anything'] : []),
    ...doubts.map((doubt) => `note: ${doubt}`),
  ];
}

function tableWithin(columns: number | null, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return renderTable(header, rows, widthsWithin(columns, header, rows));
}

function kindInWords(kind: EvaluationKind | null): string {
  return kind ?? '–';
}

function bestInWords(best: CompareJson['runs'][number]['best']): string {
  if (best === null) return '–';
  const notes = Object.entries(best.notes).map(([name, score]) => `${name} ${formatMetric(score)}`);
  const selected = best.selectionScore === null ? [] : [`selection ${formatMetric(best.selectionScore)}`];
  return `${formatMetric(best.metric)} (${[`node ${best.id}`, ...selected, ...notes].join(', ')})`;
}

function courseTable(
  { direction, runs }: CompareJson,
  points: CompareJson['equalNodes'],
  inWords: (at: number) => string,
  columns: number | null,
): string {
  return tableWithin(
    columns,
    ['', ...runs.map(({ runId }) => runId)],
    points.map((point) => {
      const scores = point.runs.flatMap(({ score }) => (score === null ? [] : [score]));
      // A run that is alone in having come so far leads nobody.
      const isAlone = point.runs.filter(({ reached }) => reached).length < 2;
      const lead = isAlone ? null : direction === 'maximize' ? Math.max(...scores) : Math.min(...scores);
      return [
        inWords(point.at),
        ...point.runs.map(({ score }) => `${formatMetric(score)}${score !== null && score === lead ? ' *' : ''}`),
      ];
    }),
  );
}
