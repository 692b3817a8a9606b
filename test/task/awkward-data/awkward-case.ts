import type { Inferred } from '../../../src/domain/task';
import type { ColumnPreview, TablePreview } from '../../../src/domain/preview';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** What a column must be told as; formats of dates in any order, and an example among others. */
export type ColumnExpectation = Partial<ColumnPreview> & { readonly example?: string };

/** Data as people have it, and what coppice is to make of them. */
export interface AwkwardCase {
  /** Short and unique; also the name of a directory. */
  readonly name: string;
  /** Files below the data directory; made anew at each call. */
  readonly files: () => Files;
  /** Settings beside the data; null when a `description.md` among the files says what is to be done. */
  readonly task: { readonly metric: string; readonly target?: string; readonly id?: string } | null;
  readonly inferred?: Partial<Record<Inferred['what'], string>>;
  /** Of the table to learn from. */
  readonly table?: Partial<Omit<TablePreview, 'columns' | 'encoding'>> & { readonly encoding?: string | RegExp };
  readonly columns?: Readonly<Record<string, ColumnExpectation>>;
  /** A part of a problem that is named. */
  readonly problem?: RegExp;
  /** Why no run is possible, where none is. */
  readonly refused?: RegExp;
}
