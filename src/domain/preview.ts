import { z } from 'zod';

export const columnTypeSchema = z.enum(['integer', 'number', 'boolean', 'date', 'timestamp', 'time', 'text']);
export type ColumnType = z.infer<typeof columnTypeSchema>;

/** What is known of one column of a table. Counts are of the rows looked at. */
export const columnPreviewSchema = z.object({
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
});
export type ColumnPreview = z.infer<typeof columnPreviewSchema>;

export const tablePreviewSchema = z.object({
  /** Path below the data directory, with forward slashes. */
  path: z.string(),
  delimiter: z.string(),
  /** Rows looked at; the whole table when `rowsExact`. */
  rows: z.int().min(0),
  rowsExact: z.boolean(),
  columns: z.array(columnPreviewSchema),
  /** Columns beyond the cap that are not described. */
  columnsLeftOut: z.int().min(0),
});
export type TablePreview = z.infer<typeof tablePreviewSchema>;

export const previewSchema = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.number().min(0) })),
  filesLeftOut: z.int().min(0),
  tables: z.array(tablePreviewSchema),
  /** Tables that could not be read, with the reason. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type Preview = z.infer<typeof previewSchema>;
