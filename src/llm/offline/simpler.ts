import type { ColumnBlock } from './blocks/block';
import type { BlockList } from './blocks/block-list';
import { fits } from './blocks/block-list';
import { plainPart, plainRecipe } from './drafts';
import type { Part, Recipe } from './recipe';
import { columnsOf } from './table';
import type { Table } from './table';

/** A recipe to try in place of a failed one, and the change in a few words. */
export interface Remedy {
  readonly title: string;
  readonly recipe: Recipe;
}

const LEAST_ROWS = 500;

/** Towards the plainest script; steps that change nothing are for the caller to pass over. */
export function simplified(recipe: Recipe, table: Table, blocks: BlockList): Remedy[] {
  return [
    { title: 'Go back to a single model', recipe: { ...recipe, blend: [] } },
    {
      title: 'Go back to plain settings and to the columns and the target as they are',
      recipe: {
        ...mapParts(recipe, (part) => {
          const family = blocks.family(part.family);
          return family === null ? part : plainPart(family, table, blocks);
        }),
        target: null,
        features: [],
      },
    },
    ...otherFamilies(recipe, table, blocks),
  ];
}

/** The plain recipes of the other families; what has been learned about columns and rows stays. */
export function otherFamilies(recipe: Recipe, table: Table, blocks: BlockList): Remedy[] {
  return blocks.families
    .filter((family) => family.name !== recipe.model.family)
    .map((family) => {
      const plain = plainRecipe(family, table, blocks);
      const { without, matching, folds, target } = recipe;
      const rows = smallest(plain.rows, recipe.rows);
      return { title: `Take ${family.title} instead`, recipe: { ...plain, without, matching, folds, rows, target } };
    });
}

/** Less to compute, the mildest loss first. */
export function lighter(recipe: Recipe, table: Table, blocks: BlockList): Remedy[] {
  const rows = fewerRows(recipe, table);
  return [
    { title: 'Go back to a single model', recipe: { ...recipe, blend: [] } },
    {
      title: 'Train fewer and smaller trees, on three folds',
      recipe: {
        ...mapParts(recipe, (part) => ({
          ...part,
          settings: { ...part.settings, ...(blocks.family(part.family)?.lighter ?? {}) },
        })),
        folds: Math.min(3, recipe.folds),
      },
    },
    { title: `Learn from ${rows} rows drawn at random`, recipe: { ...recipe, rows } },
    { title: 'Leave out the columns made from others', recipe: { ...recipe, features: [] } },
    ...otherFamilies({ ...recipe, rows }, table, blocks),
  ];
}

/** Less to hold in memory. */
export function smaller(recipe: Recipe, table: Table, blocks: BlockList): Remedy[] {
  const rows = fewerRows(recipe, table);
  return [
    {
      title: 'Make fewer columns: none from others or from words, one for each category column',
      recipe: {
        ...mapParts(recipe, (part) => ({
          ...part,
          expansion: null,
          categories: choose('categories', ['ordinal', 'target_mean'], part, table, blocks) ?? part.categories,
          words: hasOtherColumns(table) ? null : part.words,
        })),
        features: [],
      },
    },
    { title: `Learn from ${rows} rows drawn at random`, recipe: { ...recipe, rows } },
    ...lighter(recipe, table, blocks),
  ];
}

function hasOtherColumns(table: Table): boolean {
  return columnsOf(table).length > table.texts.length;
}

function fewerRows(recipe: Recipe, table: Table): number {
  return Math.max(Math.min(LEAST_ROWS, table.rows), Math.floor((recipe.rows ?? table.rows) / 4));
}

function smallest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}

/** The same recipe with each of its parts changed. */
export function mapParts(recipe: Recipe, change: (part: Part) => Part): Recipe {
  return { ...recipe, model: change(recipe.model), blend: recipe.blend.map(change) };
}

/** The first of these blocks that is at hand and works with the part's family; null when there is none. */
export function choose(
  kind: ColumnBlock['kind'],
  names: readonly string[],
  part: Part,
  table: Table,
  blocks: BlockList,
): string | null {
  return (
    names.find((name) => {
      const block = blocks.column(kind, name);
      return block !== null && fits(block, part.family, table);
    }) ?? null
  );
}
