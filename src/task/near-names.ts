/**
 * Those of the names that someone who wrote this one may have meant, the nearest first. Of a name every third letter may
 * be wrong.
 */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  return measured(name, names).map(({ known }) => known);
}

/** Only those that none is nearer than. */
export function closestNames(name: string, names: readonly string[]): readonly string[] {
  const near = measured(name, names);
  return near.filter(({ distance }) => distance === near[0]?.distance).map(({ known }) => known);
}

function measured(
  name: string,
  names: readonly string[],
): readonly { readonly known: string; readonly distance: number }[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return names
    .map((known) => ({ known, distance: editDistance(name.toLowerCase(), known.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((left, right) => left.distance - right.distance);
}

/** Least number of letters to add, drop, change, or swap with the next one, to make one word of the other. */
function editDistance(left: string, right: string): number {
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const changed = Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swapped = isSwapped ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(changed, swapped));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[right.length] ?? 0;
}
