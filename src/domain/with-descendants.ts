/** The ids of the given nodes and of all that descends from them, as far as they are among `nodes`. */
export function withDescendants(
  roots: Iterable<number>,
  nodes: Iterable<{ readonly id: number; readonly parent: number | null }>,
): ReadonlySet<number> {
  const children = new Map<number, number[]>();
  const known = new Set<number>();
  for (const { id, parent } of nodes) {
    known.add(id);
    if (parent === null) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [id]);
    else siblings.push(id);
  }
  const found = new Set<number>();
  const rest = [...roots].filter((id) => known.has(id));
  for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    rest.push(...(children.get(id) ?? []));
  }
  return found;
}
