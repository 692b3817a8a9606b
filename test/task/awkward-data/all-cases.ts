import type { AwkwardCase } from './awkward-case';
import { OTHER_FORMS } from './other-forms';
import { TEXT_TABLES } from './text-tables';

/** Every kind of awkward data; Parquet is made by Python, see `parquet.ts`. */
export const AWKWARD_CASES: readonly AwkwardCase[] = [...TEXT_TABLES, ...OTHER_FORMS];
