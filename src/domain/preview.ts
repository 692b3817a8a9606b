import { z } from 'zod';

export const columnTypeSchema = z.enum(['integer', 'number', 'boolean', 'date', 'timestamp', 'time', 'text']);
export type ColumnType = z.infer<typeof columnTypeSchema>;

/** What is known of one column of a table. Counts are of the rows looked at. */
export const columnPreviewSchema = z.object({
  /** As pandas names it when it reads the table with this preview's settings: `a.1` for a name that comes twice. */
  name: z.string(),
  type: columnTypeSchema,
  missing: z.int().min(0),
  /** Approximate number of distinct values. */
  distinct: z.int().min(0),
  minimum: z.union([z.number(), z.string()]).nullable(),
  maximum: z.union([z.number(), z.string()]).nullable(),
  mean: z.number().nullable(),
  /** A few values as text, each cut to 60 characters; the most frequent ones for text columns. */
  examples: z.array(z.string()),
  /**
   * Ways in which the dates of a `date` or `timestamp` column are written, the most frequent one first, as Python's
   * `strptime` takes them (`%d.%m.%Y`); empty when all are ISO dates, and for every other column.
   */
  dateFormats: z.array(z.string()).default([]),
});
export type ColumnPreview = z.infer<typeof columnPreviewSchema>;

export const tableFormatSchema = z.enum(['csv', 'parquet', 'json', 'jsonl']);
export type TableFormat = z.infer<typeof tableFormatSchema>;

/** How a table's file is to be read; the defaults are those of a plain CSV file. */
export const tableReadingSchema = z.object({
  /** What the file holds once unpacked; `csv` for all text with separators, `json` for one array of records. */
  format: tableFormatSchema.default('csv'),
  /** How the file is packed; null when it is not. Parquet's own compression does not count. */
  compression: z.enum(['gzip', 'zip']).nullable().default(null),
  /** Name of the table's file inside of a zip; null otherwise. */
  member: z.string().nullable().default(null),
  /** Name of Python's codec, to be given to pandas: `utf-8`, `utf-8-sig`, `utf-16`, `cp1252`, `shift_jis`. */
  encoding: z.string().default('utf-8'),
  /** Of `csv`; a comma for the other formats. */
  delimiter: z.string(),
  /** Decimal mark of the numbers in `csv`. */
  decimal: z.enum(['.', ',']).default('.'),
  /** Mark between the thousands of the numbers in `csv`; null when there is none. */
  thousands: z.enum([',', '.', ' ', "'"]).nullable().default(null),
});
export type TableReading = z.infer<typeof tableReadingSchema>;

/** How a UTF-8 CSV file with commas is read. */
export const PLAIN_READING = {
  format: 'csv',
  compression: null,
  member: null,
  encoding: 'utf-8',
  delimiter: ',',
  decimal: '.',
  thousands: null,
} as const satisfies TableReading;

export const tablePreviewSchema = tableReadingSchema.extend({
  /** Path of the file below the data directory, with forward slashes. */
  path: z.string(),
  /** Rows looked at; the whole table when `rowsExact`. */
  rows: z.int().min(0),
  rowsExact: z.boolean(),
  /** Rows of the whole table where only a sample was looked at, roughly for text files; null where nothing tells. */
  rowsEstimated: z.int().min(0).nullable().default(null),
  columns: z.array(columnPreviewSchema),
  /** Columns beyond the cap that are not described. */
  columnsLeftOut: z.int().min(0),
});
export type TablePreview = z.infer<typeof tablePreviewSchema>;

/** A directory with many files of the same kind, such as images or texts. */
export const folderPreviewSchema = z.object({
  /** Below the data directory, with forward slashes; empty for the data directory itself. */
  path: z.string(),
  kind: z.enum(['images', 'texts', 'audio', 'other']),
  /** Files in it and below. */
  files: z.int().min(0),
  /** False when there are more: the look around was ended early. */
  filesExact: z.boolean(),
  /** The most frequent ones first, in lower case with the dot; at most 10. */
  extensions: z.array(z.object({ extension: z.string(), files: z.int().min(1) })),
  /** Directories below it that hold files themselves, such as one for each class; at most 50. */
  subfolders: z.array(z.object({ path: z.string(), files: z.int().min(1) })),
  subfoldersLeftOut: z.int().min(0),
  /** A few paths below it. */
  examples: z.array(z.string()),
});
export type FolderPreview = z.infer<typeof folderPreviewSchema>;

export const previewSchema = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.number().min(0) })),
  filesLeftOut: z.int().min(0),
  tables: z.array(tablePreviewSchema),
  /** Directories of images, texts and the like. */
  folders: z.array(folderPreviewSchema).default([]),
  /** What lies in packed files that are no single table, by name and size. */
  archives: z
    .array(
      z.object({
        path: z.string(),
        entries: z.array(z.object({ path: z.string(), bytes: z.number().min(0) })),
        entriesLeftOut: z.int().min(0),
      }),
    )
    .default([]),
  /** Columns by which several tables can be joined. */
  keys: z.array(z.object({ column: z.string(), tables: z.array(z.string()) })).default([]),
  /** Tables that could not be read, with the reason. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type Preview = z.infer<typeof previewSchema>;

/** What a preview of plain tables has besides them. */
export const TABLES_ALONE: Pick<Preview, 'folders' | 'archives' | 'keys'> = { folders: [], archives: [], keys: [] };
