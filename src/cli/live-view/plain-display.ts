import { isBetter } from '../../domain/direction';
import type { NodeRecord } from '../../domain/node-record';
import { formatMetric, formatSeconds } from '../../domain/format';
import type { RunView } from '../../report/run-view';
import { recordsOf } from '../../report/run-view';
import { originInWords } from '../../report/words';
import type { ArtifactStore } from '../../store/artifact-store';
import type { Heard, RunDisplay } from './run-display';
import { RunTracker } from './run-tracker';

export interface Following {
  readonly store: ArtifactStore;
  readonly runId: string;
  readonly print: (line: string) => void;
}

/** Tells of each node by a line, as its record appears among the run's files: for pipes, files and plain terminals. */
export class PlainDisplay implements RunDisplay {
  private readonly tracker: RunTracker;
  private isBegun = false;
  private best: number | null = null;
  private notices: readonly string[] = [];

  constructor(private readonly following: Following) {
    this.tracker = new RunTracker(following.store, following.runId);
  }

  async catchUp(): Promise<RunView | null> {
    const look = await this.tracker.look();
    if (look !== null) this.begin(look.view, look.fresh);
    return look?.view ?? null;
  }

  async look(): Promise<RunView | null> {
    const look = await this.tracker.look();
    if (look === null) return null;
    const { view, fresh } = look;
    // A fork has its first nodes before it is a run.
    if (!this.isBegun && view.fork !== null) {
      this.begin(view, fresh);
      return view;
    }
    this.isBegun = true;
    for (const record of fresh) this.tell(record, view);
    return view;
  }

  hear({ notices }: Heard): void {
    for (const notice of notices) if (!this.notices.includes(notice)) this.following.print(notice);
    this.notices = notices;
  }

  close(): void {
    this.notices = [];
  }

  private begin(view: RunView, fresh: readonly NodeRecord[]): void {
    this.isBegun = true;
    for (const record of fresh) this.note(record, view);
    const records = recordsOf(view);
    if (records.length === 0) return;
    const working = records.filter(({ status }) => status === 'working').length;
    this.following.print(`${records.length} of its nodes are recorded already, ${working} of them working`);
  }

  private tell(record: NodeRecord, view: RunView): void {
    const isBest = this.note(record, view);
    const stepsTotal = view.state?.stepsTotal ?? view.run.request.steps;
    this.following.print(nodeLine(record, { metricName: view.run.task.metric, stepsTotal, isBest }));
  }

  /** Whether the node is the best one now. */
  private note({ status, metric }: NodeRecord, { run }: RunView): boolean {
    if (status !== 'working' || metric === null) return false;
    if (this.best !== null && !isBetter(metric, this.best, run.task.direction)) return false;
    this.best = metric;
    return true;
  }
}

/** Widths of the columns, in characters; what is longer only moves the rest of its line. */
const ORIGIN_WIDTH = 'improve of 99'.length;
const SCORE_WIDTH = ' 0.123456'.length;
const SECONDS_WIDTH = '10 min 00 s'.length;

interface LineFacts {
  readonly metricName: string;
  readonly stepsTotal: number;
  readonly isBest: boolean;
}

function nodeLine(record: NodeRecord, { metricName, stepsTotal, isBest }: LineFacts): string {
  const outcome = record.reason === null ? `${metricName} ${formatMetric(record.metric)}` : `failed: ${record.reason}`;
  return [
    `node ${record.id}/${stepsTotal}`.padEnd(5 + 2 * String(stepsTotal).length + 1),
    originInWords(record).padEnd(ORIGIN_WIDTH),
    outcome.padEnd(metricName.length + SCORE_WIDTH),
    isBest ? 'best' : '    ',
    (record.scriptSeconds === null ? '–' : formatSeconds(record.scriptSeconds)).padStart(SECONDS_WIDTH),
    record.title,
  ].join('  ');
}
