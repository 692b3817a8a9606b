import type { Direction } from '../domain/direction';
import { isBetter } from '../domain/direction';
import type { NodeRecord } from '../domain/node-record';
import { nodeRecordSchema } from '../domain/node-record';
import { formatMetric, formatSeconds } from '../report/format';
import { originInWords } from '../report/words';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';

export interface Following {
  readonly store: ArtifactStore;
  readonly runId: string;
  readonly print: (line: string) => void;
}

/** Tells of each node as its record appears among the run's files, in the order of recording. */
export class RunFollower {
  private readonly seen = new Set<number>();
  private best: NodeRecord | null = null;
  private working = 0;

  constructor(private readonly following: Following) {}

  get done(): number {
    return this.seen.size;
  }

  get workingNodes(): number {
    return this.working;
  }

  get bestNode(): NodeRecord | null {
    return this.best;
  }

  /** Takes in what is there already without telling of it. */
  async catchUp(direction: Direction): Promise<void> {
    for (const record of await this.newRecords()) this.note(record, direction);
  }

  /** Tells of what has been recorded since the last look. */
  async look(direction: Direction, metricName: string, stepsTotal: number): Promise<void> {
    for (const record of await this.newRecords()) {
      const isBest = this.note(record, direction);
      this.following.print(nodeLine(record, { metricName, stepsTotal, isBest }));
    }
  }

  private async newRecords(): Promise<NodeRecord[]> {
    const { store, runId } = this.following;
    const ids = (await listNodeIds(store, runId)).filter((id) => !this.seen.has(id));
    const records: NodeRecord[] = [];
    for (const id of ids) {
      const record = await readJson(store, runKeys(runId).node(id).record, nodeRecordSchema);
      if (record !== null) records.push(record);
    }
    return records.sort((left, right) => left.completion - right.completion);
  }

  /** Whether the node is the best one now. */
  private note(record: NodeRecord, direction: Direction): boolean {
    this.seen.add(record.id);
    if (record.status !== 'working' || record.metric === null) return false;
    this.working += 1;
    const held = this.best?.metric ?? null;
    if (held !== null && !isBetter(record.metric, held, direction)) return false;
    this.best = record;
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
