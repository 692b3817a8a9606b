/** A score as people read it: six significant digits, integers whole; an en dash for none. */
export function formatMetric(metric: number | null): string {
  if (metric === null) return '–';
  return Number.isInteger(metric) && Math.abs(metric) < 1e15 ? String(metric) : String(Number(metric.toPrecision(6)));
}

/** Seconds as `4.1 s`, `3 min 20 s`, `2 h 05 min` or `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${padded(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** A count with its noun: `1 node`, `3 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** US dollars with cents, and below ten cents with two significant digits: `$12.30`, `$0.012`, `$0`. */
export function formatDollars(dollars: number): string {
  if (dollars === 0) return '$0';
  return dollars < 0.1 ? `$${Number(dollars.toPrecision(2))}` : `$${dollars.toFixed(2)}`;
}

/** A whole number with its thousands apart: `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
