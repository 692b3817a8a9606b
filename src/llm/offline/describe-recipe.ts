import type { BlockList } from './blocks/block-list';
import type { Part, Recipe } from './recipe';
import type { Table } from './table';

/** One sentence on what a script does, for its docstring and for the plan of a draft. */
export function describeRecipe(recipe: Recipe, table: Table, blocks: BlockList): string {
  const [first, ...others] = [recipe.model, ...recipe.blend].map((part) => familyTitle(part, blocks));
  const models = others.length === 0 ? (first ?? 'a model') : `the average of ${[first, ...others].join(' and ')}`;
  const target = blocks.target(recipe.target);
  const features = recipe.features.flatMap((name) => blocks.feature(name)?.title ?? []);
  const details = [
    ...partDetails(recipe.model, table, blocks),
    ...(features.length === 0 ? [] : [`with ${features.join(', ')}`]),
    ...(target === null ? [] : [`learning ${target.title}`]),
  ];
  const text = [models, ...details].join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function familyTitle(part: Part, blocks: BlockList): string {
  return blocks.family(part.family)?.title ?? part.family;
}

function partDetails(part: Part, table: Table, blocks: BlockList): string[] {
  const titles = [
    table.missing ? blocks.column('missing', part.missing)?.title : undefined,
    blocks.column('scaling', part.scaling)?.title,
    blocks.column('expansion', part.expansion)?.title,
    blocks.column('words', part.words)?.title,
    blocks.column('selection', part.selection)?.title,
    table.categories.length > 0 ? blocks.column('categories', part.categories)?.title : undefined,
  ];
  return titles.filter((title) => title !== undefined);
}
