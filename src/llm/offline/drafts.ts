import type { Draws } from './draws';
import type { ColumnBlock, FamilyBlock } from './blocks/block';
import type { BlockList } from './blocks/block-list';
import { fits } from './blocks/block-list';
import type { Part, Recipe } from './recipe';
import { recipeKey, withSettings } from './recipe';
import type { Table } from './table';

/** Above these numbers of rows fewer folds are enough for a steady score. */
const ROWS_FOR_THREE_FOLDS = 20_000;

/** The plain recipe of a family: what its drafts are, and what a script falls back to. */
export function plainRecipe(family: FamilyBlock, table: Table, blocks: BlockList): Recipe {
  return {
    model: plainPart(family, table, blocks),
    blend: [],
    target: null,
    features: blocks.features
      .filter((block) => block.fromTheStart && block.lines(table).length > 0)
      .map(({ name }) => name),
    folds: table.rows > ROWS_FOR_THREE_FOLDS ? 3 : 5,
    rows: table.rows > family.rows ? family.rows : null,
    without: [],
    matching: table.id === null ? 'row' : 'id',
    origin: { change: `draft_${family.name}`, parent: null, position: 0 },
  };
}

export function plainPart(family: FamilyBlock, table: Table, blocks: BlockList): Part {
  const first = (kind: ColumnBlock['kind'], names: readonly (string | null)[]): string | null => {
    for (const name of names) {
      if (name === null) return null;
      const block = blocks.column(kind, name);
      if (block !== null && fits(block, family.name, table)) return name;
    }
    return null;
  };
  return {
    family: family.name,
    settings: {},
    missing: first('missing', family.prefers.missing),
    scaling: first('scaling', family.prefers.scaling),
    categories: first('categories', family.prefers.categories),
    expansion: first('expansion', family.prefers.expansion),
    words: first('words', family.prefers.words),
    selection: first(
      'selection',
      blocks.columns.filter(({ kind }) => kind === 'selection').map(({ name }) => name),
    ),
  };
}

/**
 * The recipe of a draft: each of the families in turn. The node's number says which one comes first, so that drafts
 * made at the same time differ; families that siblings have tried come later, and after all families have been tried
 * their settings vary.
 */
export function draftRecipe(
  nodeId: number,
  tried: readonly Recipe[],
  table: Table,
  blocks: BlockList,
  random: Draws,
): Recipe {
  const plain = blocks.families.map((family) => plainRecipe(family, table, blocks));
  const keys = new Set(tried.map(recipeKey));
  const start = (nodeId - 1) % Math.max(1, plain.length);
  const inTurn = [...plain.slice(start), ...plain.slice(0, start)];
  const fresh = inTurn.find((recipe) => !keys.has(recipeKey(recipe)));
  if (fresh !== undefined) return fresh;
  const [again] = inTurn;
  const family = again === undefined ? null : blocks.family(again.model.family);
  if (again === undefined || family === null) throw new Error('no model family among the building blocks');
  return withSettings(again, family.vary(random, table));
}
