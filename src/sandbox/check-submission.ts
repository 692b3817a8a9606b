import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { errorMessage } from '../domain/error-message';
import { errorCode } from '../store/store-error';
import { withTableText } from '../task/open-text';
import { openInside } from './open-inside';

export const SUBMISSION_FILE = 'working/submission.csv';

/** Longest row that is read, in bytes. */
const MAXIMUM_ROW_BYTES = 1024 * 1024;

/** Missing values and unfit ids that a message quotes. */
const MAXIMUM_EXAMPLES = 3;

const MISSING_VALUE = /^\s*(?:[+-]?(?:nan|inf|infinity))?\s*$/i;

export interface SubmissionRequest {
  readonly attemptDirectory: string;
  /** The task's sample submission: what columns, rows and ids are expected. */
  readonly samplePath: string;
  /** Name of the id column; the sample's first column when null or not in the sample. */
  readonly idColumn: string | null;
  /** Whether messages may quote values: they stand in prompts. Default: true. */
  readonly quotes?: boolean;
}

export type SubmissionCheck =
  | { readonly status: 'ok'; readonly hash: string }
  | { readonly status: 'no_submission' | 'bad_submission'; readonly message: string };

/** What the sample says about every submission. */
interface Expectation {
  readonly quotes: boolean;
  readonly columns: readonly string[];
  readonly delimiter: string;
  readonly rows: number;
  readonly bytes: number;
  readonly idIndex: number;
  /** Ids of the sample, and whether they were seen; null when the sample's rows have no distinct ids. */
  readonly ids: Map<string, boolean> | null;
  /** Columns in which the sample itself leaves values empty. */
  readonly mayBeMissing: readonly boolean[];
}

/** A fault of the submission; ends the reading. */
class UnfitSubmission extends Error {}

/**
 * Checks a script's `working/submission.csv` against the sample: same columns, number of rows and ids, no value
 * missing, NaN or infinite. The order of rows is free. Both files are read as streams.
 *
 * @throws Error when the sample cannot be read
 */
export async function checkSubmission(request: SubmissionRequest): Promise<SubmissionCheck> {
  const expected = await readSample(request).catch((error: unknown) => {
    if (!(error instanceof CsvError) && errorCode(error) !== null) throw error;
    const reason = errorMessage(error);
    throw new Error(`the sample submission ${request.samplePath} cannot be read: ${reason}`);
  });
  const file = await openInside(request.attemptDirectory, SUBMISSION_FILE);
  if (file.status === 'missing') {
    return { status: 'no_submission', message: `the script wrote no ${SUBMISSION_FILE}` };
  }
  if (file.status === 'unusable') {
    return { status: 'bad_submission', message: `${SUBMISSION_FILE} ${file.problem}` };
  }
  try {
    refuseSize(file.bytes, expected);
    return { status: 'ok', hash: await compare(file.handle, expected) };
  } catch (error) {
    if (error instanceof CsvError || error instanceof UnfitSubmission) {
      return { status: 'bad_submission', message: `${SUBMISSION_FILE}: ${error.message}` };
    }
    throw error;
  } finally {
    await file.handle.close();
  }
}

async function readSample(request: SubmissionRequest): Promise<Expectation> {
  const { size } = await stat(request.samplePath);
  return withTableText(request.samplePath, ({ content, delimiter }) =>
    expectationOf(request, content, delimiter, size),
  );
}

async function expectationOf(
  request: SubmissionRequest,
  content: Readable,
  delimiter: string,
  bytes: number,
): Promise<Expectation> {
  let columns: readonly string[] | null = null;
  let ids: Map<string, boolean> | null = new Map<string, boolean>();
  let idIndex = 0;
  let rows = 0;
  let mayBeMissing: boolean[] = [];
  for await (const row of csvRows(content, delimiter)) {
    if (columns === null) {
      columns = row;
      idIndex = request.idColumn === null ? 0 : Math.max(0, row.indexOf(request.idColumn));
      mayBeMissing = row.map(() => false);
      if (row.length === 1) ids = null;
      continue;
    }
    rows += 1;
    row.forEach((value, index) => {
      if (MISSING_VALUE.test(value)) mayBeMissing[index] = true;
    });
    const id = row[idIndex] ?? '';
    if (ids?.has(id) === true) ids = null;
    ids?.set(id, false);
  }
  if (columns === null) throw new Error(`the sample submission ${request.samplePath} is empty`);
  return { quotes: request.quotes ?? true, columns, delimiter, rows, bytes, idIndex, ids, mayBeMissing };
}

function refuseSize(bytes: number, expected: Expectation): void {
  // Packed text is a tenth of itself, more or less.
  const most = expected.bytes * 100 + 10 * 1024 * 1024;
  if (bytes > most) throw new UnfitSubmission(`it has ${bytes} bytes, at most ${most} fit the sample`);
}

async function compare(handle: FileHandle, expected: Expectation): Promise<string> {
  const content = handle.createReadStream({ autoClose: false, start: 0 });
  const hash = createHash('sha256');
  content.on('data', (chunk) => hash.update(chunk));
  const findings = new Findings(expected);
  for await (const row of csvRows(content, expected.delimiter)) findings.take(row);
  findings.conclude();
  return hash.digest('hex');
}

/** Collects what is wrong with a submission, row by row. */
class Findings {
  private headerSeen = false;
  private rows = 0;
  private missingValues = 0;
  private unknownIds = 0;
  private repeatedIds = 0;
  private readonly missingExamples: string[] = [];
  private readonly unknownExamples: string[] = [];
  private readonly repeatedExamples: string[] = [];

  constructor(private readonly expected: Expectation) {}

  take(row: readonly string[]): void {
    if (!this.headerSeen) {
      this.checkHeader(row);
      this.headerSeen = true;
      return;
    }
    this.rows += 1;
    if (row.length !== this.expected.columns.length) {
      throw new UnfitSubmission(`row ${this.rows} has ${row.length} values, expected ${this.expected.columns.length}`);
    }
    this.checkValues(row);
    this.checkId(row[this.expected.idIndex] ?? '');
  }

  /** @throws UnfitSubmission with everything that was found */
  conclude(): void {
    if (!this.headerSeen) throw new UnfitSubmission('it is empty');
    const { ids, rows } = this.expected;
    const problems: string[] = [];
    if (this.rows !== rows) problems.push(`it has ${this.rows} rows, the sample has ${rows}`);
    if (this.unknownIds > 0) {
      problems.push(`${this.unknownIds} ids are not in the sample${suchAs(this.unknownExamples)}`);
    }
    if (this.repeatedIds > 0) {
      problems.push(`${this.repeatedIds} ids come more than once${suchAs(this.repeatedExamples)}`);
    }
    const absent = ids === null ? [] : [...ids].filter(([, seen]) => !seen);
    if (absent.length > 0) {
      const examples = this.expected.quotes ? absent.slice(0, MAXIMUM_EXAMPLES).map(([id]) => id) : [];
      problems.push(`${absent.length} ids of the sample are missing${suchAs(examples)}`);
    }
    if (this.missingValues > 0) {
      problems.push(`${this.missingValues} values are missing, NaN or infinite${suchAs(this.missingExamples)}`);
    }
    if (problems.length > 0) throw new UnfitSubmission(problems.join('; '));
  }

  private checkHeader(header: readonly string[]): void {
    const { columns } = this.expected;
    if (header.length === columns.length && header.every((name, index) => name === columns[index])) return;
    // A file without a header has values in its first line.
    const given = this.expected.quotes ? quote(header) : 'others';
    throw new UnfitSubmission(`its columns are ${given}, the sample's are ${quote(columns)} in this order`);
  }

  private checkValues(row: readonly string[]): void {
    row.forEach((value, index) => {
      if (this.expected.mayBeMissing[index] === true || !MISSING_VALUE.test(value)) return;
      this.missingValues += 1;
      const column = this.expected.columns[index] ?? '';
      this.note(this.missingExamples, `"${value}" in column ${column} of row ${this.rows}`);
    });
  }

  private checkId(id: string): void {
    const { ids } = this.expected;
    if (ids === null) return;
    const seen = ids.get(id);
    if (seen === undefined) {
      this.unknownIds += 1;
      this.note(this.unknownExamples, `"${id.slice(0, 40)}"`);
    } else if (seen) {
      this.repeatedIds += 1;
      this.note(this.repeatedExamples, `"${id.slice(0, 40)}"`);
    } else ids.set(id, true);
  }

  private note(examples: string[], example: string): void {
    if (this.expected.quotes && examples.length < MAXIMUM_EXAMPLES) examples.push(example);
  }
}

function suchAs(examples: readonly string[]): string {
  return examples.length === 0 ? '' : ` (such as ${examples.join(', ')})`;
}

function quote(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 60)));
  return `[${shown.join(', ')}${names.length > shown.length ? ', …' : ''}]`;
}

async function* csvRows(content: Readable, delimiter: string): AsyncGenerator<readonly string[]> {
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAXIMUM_ROW_BYTES,
  });
  content.on('error', (error) => parser.destroy(error));
  const rows: AsyncIterable<unknown> = content.pipe(parser);
  for await (const row of rows) {
    if (isRow(row)) yield row;
  }
}

function isRow(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
