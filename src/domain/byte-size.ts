import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

const EXPECTED = 'expected a size such as "512MB" or "4GiB"';

/** An amount of bytes as people write it (`"4GB"`, `"512 MiB"`) or as a number; bytes once parsed. */
export const byteSizeSchema = z
  .union([z.int().positive(), z.string()], EXPECTED)
  .transform((value, context) => {
    if (typeof value === 'number') return value;
    const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value);
    const factor = match === null ? undefined : UNITS[(match[2] ?? '').toLowerCase() || 'b'];
    const bytes = factor === undefined ? 0 : Math.round(Number(match?.[1]) * factor);
    if (bytes > 0) return bytes;
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  })
  // A schema of what a transform makes is only known to what generates JSON Schemas when it is said.
  .pipe(z.number());

/** Bytes for people, in powers of a thousand: `830 bytes`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[power] ?? ''}`;
}
