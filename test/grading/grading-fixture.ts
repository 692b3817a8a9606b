import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { createGrade } from '../../src/activities/grade';
import { createSplit } from '../../src/activities/split';
import type { EvaluationFile, GradeFile } from '../../src/domain/evaluation';
import { evaluationFileSchema, gradeFileSchema } from '../../src/domain/evaluation';
import type { RunFile } from '../../src/domain/run-files';
import { runFileSchema } from '../../src/domain/run-files';
import type { InlineTask, RunSpecInput } from '../../src/domain/run-spec';
import type { GradeResult, SplitResult } from '../../src/domain/steps';
import type { TaskFile } from '../../src/domain/task';
import type { ScoringDependencies } from '../../src/grading/score-predictions';
import { contentHash } from '../../src/store/content-hash';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { copyTaskFiles } from '../../src/task/copy-task-files';
import { loadTask } from '../../src/task/load-task';
import { writeRun } from '../helpers/run-fixture';
import { environmentPython } from '../offline/support/run-script';
import { DataDirectory } from '../task/data-directory';

export const RUN = 'hidden-1';

const keys = runKeys(RUN);

export type Row = Readonly<Record<string, string>>;

/** A run over data that the test writes, and a grade worker. */
export class GradingFixture {
  readonly store;

  private constructor(
    readonly data: DataDirectory,
    readonly gradeDirectory: string,
  ) {
    this.store = createDirectoryStore(data.at('runs'));
  }

  static async make(): Promise<GradingFixture> {
    return new GradingFixture(await DataDirectory.make(), await mkdtemp(path.join(tmpdir(), 'coppice-grade-')));
  }

  async remove(): Promise<void> {
    await this.data.remove();
    await rm(this.gradeDirectory, { recursive: true });
  }

  get worker(): ScoringDependencies {
    return { store: this.store, gradeDirectory: this.gradeDirectory, pythonPath: environmentPython() };
  }

  /** Writes task and data, and opens a run of them. */
  async open(
    files: Readonly<Record<string, string | Uint8Array>>,
    task: Partial<TaskFile> & Pick<InlineTask, 'metric'>,
    more: { readonly seed?: number; readonly spec?: Partial<RunSpecInput>; readonly brought?: Row } = {},
  ): Promise<RunFile> {
    await rm(this.data.at('task'), { recursive: true, force: true });
    await this.store.remove(RUN);
    await this.data.write('task/input', files);
    await this.data.write('task', {
      'task.yaml': JSON.stringify({ goal: 'guess', ...task }),
      ...more.brought,
    });
    const loaded = await loadTask({ task: 'task' }, this.data.root);
    if (!loaded.ok) throw new Error(loaded.message);
    await copyTaskFiles(this.store, RUN, loaded.files);
    const run = { task: loaded.task, seed: more.seed ?? 1 };
    await writeRun(this.store, { runId: RUN, run, spec: { evaluation: 'auto', ...more.spec } });
    return this.run();
  }

  async run(): Promise<RunFile> {
    const run = await readJson(this.store, keys.run, runFileSchema);
    if (run === null) throw new Error('the fixture has no run');
    return run;
  }

  split(worker: Partial<ScoringDependencies> = {}): Promise<SplitResult> {
    return createSplit({ ...this.worker, ...worker })({ runId: RUN }, new AbortController().signal);
  }

  async evaluation(): Promise<EvaluationFile> {
    const file = await readJson(this.store, keys.evaluation, evaluationFileSchema);
    if (file === null) throw new Error('the run has no evaluation.json');
    return file;
  }

  /** Text of a table as scripts see it. */
  async publicText(name: string): Promise<string> {
    const content = await this.store.read(`${keys.data}/${name}`);
    if (content === null) throw new Error(`there is no public ${name}`);
    return content.toString('utf8');
  }

  async publicRows(name: string): Promise<Row[]> {
    return rowsOf(await this.publicText(name));
  }

  async answers(): Promise<Row[]> {
    return rowsOf(await readFile(path.join(this.gradeDirectory, RUN, 'answers.csv'), 'utf8'));
  }

  /** Stores predictions as `execute` would, and grades them. */
  async grade(predictions: string, worker: Partial<ScoringDependencies> = {}, node = 1): Promise<GradeResult> {
    await this.putPredictions(predictions, node);
    const evaluateByCommand = (): Promise<never> => Promise.reject(new Error('there is no command'));
    const grade = createGrade({ ...this.worker, ...worker, evaluateByCommand });
    return grade({ runId: RUN, nodeId: node }, new AbortController().signal);
  }

  async putPredictions(predictions: string, node: number): Promise<void> {
    await this.store.write(keys.node(node).predictions, predictions);
    await writeJson(this.store, keys.node(node).execution, {
      codeHash: 'code',
      attempt: 1,
      status: 'ok',
      reason: null,
      message: '',
      metric: null,
      exitCode: 0,
      signal: null,
      scriptSeconds: 1,
      outputBytes: 0,
      peakMemoryBytes: null,
      isolation: 'process',
      hostId: 'here',
      submissionHash: contentHash(predictions),
      startedAt: '2026-01-02T03:04:05Z',
      finishedAt: '2026-01-02T03:04:06Z',
    });
  }

  async gradeFile(node = 1): Promise<GradeFile | null> {
    return readJson(this.store, keys.node(node).grade, gradeFileSchema);
  }

  async submission(node = 1): Promise<string | null> {
    return (await this.store.read(keys.node(node).submission))?.toString('utf8') ?? null;
  }
}

export function rowsOf(text: string, delimiter = ','): Row[] {
  return z.array(z.record(z.string(), z.string())).parse(parse(text, { columns: true, bom: true, delimiter }));
}

/** A table as CSV; the first row names the columns. */
export function csv(rows: readonly Row[], delimiter = ','): string {
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.join(delimiter)}\n`)
    .join('');
}

export function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
