/** Maps in order, with at most `limit` promises open at a time. The first failure ends it. */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  limit: number,
  transform: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += limit) {
    results.push(...(await Promise.all(items.slice(start, start + limit).map(transform))));
  }
  return results;
}
