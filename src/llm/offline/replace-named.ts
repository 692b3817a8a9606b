import type { BlockList } from './blocks/block-list';
import { fits } from './blocks/block-list';
import type { Python } from './python';
import type { Part, Recipe } from './recipe';
import type { Remedy } from './simpler';
import { mapParts, otherFamilies } from './simpler';
import type { Table } from './table';

const SLOTS = ['missing', 'scaling', 'categories', 'expansion', 'words', 'selection'] as const;

/** Other blocks in place of those whose Python names stand in the error's output. */
export function replaceNamed(output: string, recipe: Recipe, table: Table, blocks: BlockList): Remedy[] {
  const remedies: Remedy[] = [];
  const target = blocks.target(recipe.target);
  if (target !== null && named(output, target.imports)) {
    remedies.push({ title: 'Learn the target as it is', recipe: { ...recipe, target: null } });
  }
  for (const slot of SLOTS) {
    const used = blocks.column(slot, recipe.model[slot]);
    if (used === null || !named(output, importsOf(used.steps(table)))) continue;
    const others = blocks.columns.filter(
      (block) => block.kind === slot && block.name !== used.name && fits(block, recipe.model.family, table),
    );
    const names = slot === 'expansion' || slot === 'words' ? [null] : others.map(({ name }) => name);
    const swap = (part: Part, name: string | null): Part =>
      part[slot] === used.name ? { ...part, [slot]: name } : part;
    remedies.push(
      ...names.map((name) => ({
        title: `Do without ${used.title}`,
        recipe: mapParts(recipe, (part) => swap(part, name)),
      })),
    );
  }
  const kept = recipe.blend.filter((part) => !namesFamily(output, part, table, blocks));
  if (kept.length < recipe.blend.length) {
    remedies.push({ title: 'Take the failing model out of the average', recipe: { ...recipe, blend: kept } });
  }
  if (namesFamily(output, recipe.model, table, blocks)) remedies.push(...otherFamilies(recipe, table, blocks));
  return remedies;
}

function namesFamily(output: string, part: Part, table: Table, blocks: BlockList): boolean {
  const family = blocks.family(part.family);
  return family !== null && named(output, family.estimator(table, part.settings, {}).imports);
}

function importsOf(steps: readonly Python[]): string[] {
  return steps.flatMap(({ imports }) => imports);
}

/** Whether one of the imported names, or the module it comes from, is mentioned in the output's last lines. */
function named(output: string, imports: readonly string[]): boolean {
  const error = output.trim().split('\n').slice(-6).join('\n');
  return imports.some((line) => {
    const name = /^from \S+ import (\w+)$/.exec(line)?.[1];
    const module = /^from (\S+) import/.exec(line)?.[1];
    return (name !== undefined && error.includes(name)) || (module !== undefined && error.includes(`'${module}'`));
  });
}
