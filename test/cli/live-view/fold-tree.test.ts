import fc from 'fast-check';
import type { TreeItem } from '../../../src/cli/live-view/fold-tree';
import { foldTree } from '../../../src/cli/live-view/fold-tree';

/** Random forests, each node with an earlier one as its parent, and a random part of them to be shown. */
const forests = fc.array(fc.tuple(fc.nat(), fc.boolean(), fc.boolean()), { maxLength: 60 }).map((draws) => ({
  items: draws.map(([drawn, isRoot], index): TreeItem => {
    return { id: index + 1, parent: isRoot || index === 0 ? null : (drawn % index) + 1 };
  }),
  shown: new Set(draws.flatMap(([, , isShown], index) => (isShown ? [index + 1] : []))),
}));

test('every node is shown once, counted once where it is folded into, or loose', () => {
  fc.assert(
    fc.property(forests, ({ items, shown }) => {
      const { rows, loose } = foldTree(items, shown);
      expect(rows.map(({ id }) => id).sort((one, other) => one - other)).toEqual([...shown].sort((a, b) => a - b));
      const folded = rows.reduce((sum, row) => sum + row.folded, 0);
      expect(rows.length + folded + loose.length).toBe(items.length);
    }),
  );
});

test('with everything shown, each node stands deeper than its parent and directly below it', () => {
  fc.assert(
    fc.property(forests, ({ items }) => {
      const { rows, loose } = foldTree(items, new Set(items.map(({ id }) => id)));
      const depths = new Map(rows.map(({ id, branch }) => [id, branch.length]));
      expect(loose).toEqual([]);
      for (const { id, parent } of items) {
        expect(depths.get(id)).toBe((parent === null ? 0 : (depths.get(parent) ?? 0)) + 3);
      }
      expect(rows.every(({ isDirect, folded }) => isDirect && folded === 0)).toBe(true);
    }),
  );
});

test('branches join siblings, and a dotted one leads over folded nodes', () => {
  const items = [
    { id: 1, parent: null },
    { id: 2, parent: 1 },
    { id: 3, parent: 2 },
    { id: 4, parent: 1 },
    { id: 5, parent: null },
    { id: 6, parent: 5 },
  ];

  expect(foldTree(items, new Set([1, 3, 4]))).toEqual({
    rows: [
      { id: 1, branch: '├─ ', isDirect: true, folded: 1 },
      { id: 3, branch: '│  ├┄ ', isDirect: false, folded: 0 },
      { id: 4, branch: '│  └─ ', isDirect: true, folded: 0 },
    ],
    loose: [5, 6],
  });
});
