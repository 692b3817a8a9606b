/** What a preview may cost at most; counts are of the whole data directory unless said otherwise. */
export interface PreviewLimits {
  /** Files named. */
  readonly files: number;
  /** Files looked for at all; those beyond are not even counted. */
  readonly filesWalked: number;
  /** Tables described. */
  readonly tables: number;
  /** Columns described of each table. */
  readonly columns: number;
  /** Largest table read whole; of a larger one only the first rows. */
  readonly wholeTableBytes: number;
  /** Bytes read of tables that are read whole, together; from then on only the first rows are read. */
  readonly wholeBytesTogether: number;
  /** Largest table whose distinct values are counted exactly. */
  readonly exactDistinctBytes: number;
  /** Bytes read, roughly, of a table that is too large to be read whole. */
  readonly sampleBytes: number;
  /** Rows looked at when even that takes too long. */
  readonly quickRows: number;
  readonly tableMilliseconds: number;
  readonly totalMilliseconds: number;
}

const MEBIBYTE = 1024 * 1024;

export const DEFAULT_PREVIEW_LIMITS: PreviewLimits = {
  files: 200,
  filesWalked: 200_000,
  tables: 20,
  columns: 200,
  wholeTableBytes: 200 * MEBIBYTE,
  wholeBytesTogether: 600 * MEBIBYTE,
  exactDistinctBytes: 32 * MEBIBYTE,
  sampleBytes: 64 * MEBIBYTE,
  quickRows: 5000,
  tableMilliseconds: 30_000,
  totalMilliseconds: 90_000,
};
