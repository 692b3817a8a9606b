import path from 'node:path';
import { z } from 'zod';
import { priceSchema, type Price } from '../../domain/price';
import { valueOf, type Environment } from '../endpoint';
import { readSettingsFile } from './settings-file';

const SHIPPED_FILE = path.resolve(__dirname, '..', '..', '..', 'prices.yaml');

/** Prices by model name; a name that ends in `*` stands for all that begin so. */
const pricesSchema = z.record(
  z.string().regex(/^[^*]+\*?$/, 'expected a name, or its begin and one *'),
  priceSchema.strict(),
);

const shippedFileSchema = z.strictObject({ version: z.iso.date(), models: pricesSchema });
const ownFileSchema = z.strictObject({ version: z.unknown().optional(), models: pricesSchema });

type Prices = ReadonlyMap<string, Price>;

/** What models cost, as far as it is known. */
export interface PriceList {
  /** When the shipped prices were looked up, as `2025-10-31`. */
  readonly version: string;
  /** The person's own file first: any entry of it that fits wins. */
  readonly sources: readonly Prices[];
}

/**
 * The shipped prices, and before them those of the file that COPPICE_PRICES names.
 *
 * @throws ModelProblem when a file cannot be used
 */
export async function readPriceList(environment: Environment): Promise<PriceList> {
  const shipped = await readSettingsFile(SHIPPED_FILE, 'shipped prices', shippedFileSchema);
  const ownFile = valueOf(environment, 'COPPICE_PRICES');
  const own = ownFile === null ? [] : [await readSettingsFile(path.resolve(ownFile), 'COPPICE_PRICES', ownFileSchema)];
  return { version: shipped.version, sources: [...own, shipped].map(({ models }) => new Map(Object.entries(models))) };
}

/** What a model costs; null when no entry fits its name. An exact name wins, then the longest begin. */
export function priceOf({ sources }: PriceList, model: string): Price | null {
  for (const prices of sources) {
    const price = prices.get(model) ?? prices.get(longestBegin(prices, model));
    if (price !== undefined) return price;
  }
  return null;
}

function longestBegin(prices: Prices, model: string): string {
  return [...prices.keys()]
    .filter((name) => name.endsWith('*') && model.startsWith(name.slice(0, -1)))
    .reduce((longest, name) => (name.length > longest.length ? name : longest), '');
}
