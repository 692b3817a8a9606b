import { isBetter } from '../../domain/direction';
import type { Direction } from '../../domain/direction';
import type { Draws } from './draws';
import type { BlockList } from './blocks/block-list';
import { fits } from './blocks/block-list';
import { plainPart } from './drafts';
import type { Part, Recipe } from './recipe';
import { recipeKey, withPart, withSettings } from './recipe';
import type { Table } from './table';

/** A recipe with one thing changed. */
export interface Change {
  readonly name: string;
  /** For the plan: what is changed (a short line) and why it may help (a sentence). */
  readonly title: string;
  readonly why: string;
  readonly recipe: Recipe;
}

/** A script that was tried before, as far as the offline model knows it. */
export interface TriedRecipe {
  readonly id: number;
  readonly parent: number | null;
  readonly metric: number | null;
  readonly recipe: Recipe;
}

/** What changes are chosen by. */
export interface Knowledge {
  readonly table: Table;
  readonly blocks: BlockList;
  readonly tried: readonly TriedRecipe[];
  readonly direction: Direction;
}

interface Weighed extends Change {
  readonly worth: number;
}

/** How much later a change comes that did not help where it was tried before. */
const DISAPPOINTMENT = 45;

/** How much later settings of a blended model come than the same settings of the first one. */
const MEMBER_DELAY = 8;

/** Models with an error larger than this multiple of the best one's pull an average down. */
const NEAR_ENOUGH = 1.25;

/** Every listed change to a recipe, the most promising first. */
function listChanges(recipe: Recipe, knowledge: Knowledge): Change[] {
  const { table, blocks, tried, direction } = knowledge;
  const situation = { table, recipe };
  const changes: Weighed[] = [
    ...targetChanges(recipe, table, blocks),
    ...settingChanges(recipe, table, blocks),
    ...libraryChanges(recipe, table, blocks),
    ...columnChanges(recipe, table, blocks),
    ...blocks.features
      .filter((block) => !recipe.features.includes(block.name) && block.lines(table).length > 0)
      .map((block) => ({
        name: block.name,
        title: `Add columns: ${block.title}`,
        why: block.why,
        worth: block.worth(situation),
        recipe: { ...recipe, features: [...recipe.features, block.name] },
      })),
    ...blendChanges(recipe, knowledge),
  ];
  const disappointing = disappointments(tried, direction);
  return changes
    .filter(({ worth }) => worth > 0)
    .map((change) =>
      disappointing.has(changeKey(recipe, change.name)) ? { ...change, worth: change.worth - DISAPPOINTMENT } : change,
    )
    .sort((left, right) => right.worth - left.worth || (left.name < right.name ? -1 : 1));
}

/**
 * The next change of a parent that has not been tried; a random variation of its settings when all have been.
 *
 * @param unseen number of siblings in flight whose changes are not known yet: they take the ones before
 */
export function nextChange(
  parent: { readonly id: number; readonly recipe: Recipe },
  unseen: number,
  knowledge: Knowledge,
  random: Draws,
): Change {
  const { table, blocks, tried } = knowledge;
  const keys = new Set([parent.recipe, ...tried.map(({ recipe }) => recipe)].map(recipeKey));
  const siblings = tried.filter((node) => node.parent === parent.id && node.recipe.origin.parent === parent.id);
  const made = siblings.reduce((highest, node) => Math.max(highest, node.recipe.origin.position), 0);
  // Only the latest siblings are known. The forgotten ones came first in the list, and would come first again.
  const forgotten = Math.max(0, made - siblings.length);
  const listed = listChanges(parent.recipe, knowledge);
  const fresh = listed.filter((change) => !keys.has(recipeKey(change.recipe)));
  const chosen = fresh[forgotten + unseen] ?? variation(parent.recipe, table, blocks, keys, random);
  const origin = { change: chosen.name, parent: parent.id, position: made + unseen + 1 };
  return { ...chosen, recipe: { ...chosen.recipe, origin } };
}

/** Changes to the settings of the first model, and a little later to those of the models blended with it. */
function settingChanges(recipe: Recipe, table: Table, blocks: BlockList): Weighed[] {
  const own = partChanges(recipe, table, blocks);
  const members = recipe.blend.flatMap((part, place) =>
    partChanges({ ...recipe, model: part }, table, blocks).map((change) => ({
      ...change,
      name: `${part.family}_${change.name}`,
      worth: change.worth === 0 ? 0 : Math.max(1, change.worth - MEMBER_DELAY),
      recipe: { ...recipe, blend: recipe.blend.with(place, change.recipe.model) },
    })),
  );
  return [...own, ...members];
}

function partChanges(recipe: Recipe, table: Table, blocks: BlockList): Weighed[] {
  const family = blocks.family(recipe.model.family);
  if (family === null) return [];
  return family.changes.map((change) => ({
    name: change.name,
    title: `Change the settings of ${family.title}: ${settingsText(change.settings)}`,
    why: change.why,
    worth: change.worth({ table, recipe }),
    recipe: withSettings(recipe, change.settings),
  }));
}

/** The same kind of model by another library. */
function libraryChanges(recipe: Recipe, table: Table, blocks: BlockList): Weighed[] {
  return blocks.families.flatMap((family) => {
    const { insteadOf } = family;
    if (insteadOf?.families.includes(recipe.model.family) !== true) return [];
    return {
      name: `library_${family.name}`,
      title: `Take another library: ${family.title}`,
      why: 'Libraries grow and stop their trees in different ways, and one may suit the table better.',
      worth: insteadOf.worth,
      recipe: { ...recipe, model: plainPart(family, table, blocks) },
    };
  });
}

function columnChanges(recipe: Recipe, table: Table, blocks: BlockList): Weighed[] {
  return blocks.columns
    .filter((block) => fits(block, recipe.model.family, table) && recipe.model[block.kind] !== block.name)
    .map((block) => ({
      name: block.name,
      title: `Prepare the columns otherwise: ${block.title}`,
      why: block.why,
      worth: block.worth({ table, recipe }),
      recipe: withPart(recipe, { [block.kind]: block.name }),
    }));
}

function targetChanges(recipe: Recipe, table: Table, blocks: BlockList): Weighed[] {
  if (recipe.target !== null) return [];
  return blocks.targets.map((block) => ({
    name: block.name,
    title: `Learn another form of the target: ${block.title}`,
    why: block.why,
    worth: block.worth({ table, recipe }),
    recipe: { ...recipe, target: block.name },
  }));
}

/** Blends with each family that is not in the recipe yet, the family that scored best on its own first. */
function blendChanges(recipe: Recipe, knowledge: Knowledge): Weighed[] {
  const { table, blocks } = knowledge;
  const parts = [recipe.model, ...recipe.blend];
  const present = new Set(parts.map((part) => part.family));
  const ranked = rankedParts(knowledge);
  const others = ranked.filter(({ part }) => !present.has(part.family) && !explodes(part, recipe));
  return blocks.blends
    .filter((block) => parts.length < block.most)
    .flatMap((block) =>
      others.map(({ part, promising }, place) => ({
        name: `blend_with_${part.family}`,
        title: `Average the predictions with those of ${blocks.family(part.family)?.title ?? part.family}`,
        why: block.why,
        worth: (promising ? block.worth({ table, recipe }) : 24) - place - (parts.length > 1 ? 44 : 0),
        recipe: { ...recipe, blend: [...recipe.blend, part] },
      })),
    )
    .map((change) => ({ ...change, worth: Math.max(1, change.worth) }));
}

/** Linear models leave the known range without limit, and undoing a logarithm makes that far worse. */
function explodes(part: Part, recipe: Recipe): boolean {
  return recipe.target !== null && (part.family === 'linear' || part.family === 'curved');
}

/** The best known part of each family, best family first; families without a score come last, in their own order. */
function rankedParts(knowledge: Knowledge): { readonly part: Part; readonly promising: boolean }[] {
  const { table, blocks, tried, direction } = knowledge;
  const best = new Map<string, { part: Part; metric: number }>();
  for (const { recipe, metric } of tried) {
    if (metric === null || recipe.blend.length > 0) continue;
    const known = best.get(recipe.model.family);
    if (known === undefined || isBetter(metric, known.metric, direction)) {
      best.set(recipe.model.family, { part: recipe.model, metric });
    }
  }
  const scored = [...best.values()].sort((left, right) =>
    left.metric === right.metric ? 0 : isBetter(left.metric, right.metric, direction) ? -1 : 1,
  );
  const error = (metric: number): number => (direction === 'minimize' ? metric : table.metric.range.highest - metric);
  const limit = scored[0] === undefined ? 0 : NEAR_ENOUGH * error(scored[0].metric);
  const unscored = blocks.families
    .filter(({ name }) => !best.has(name))
    .map((family) => plainPart(family, table, blocks));
  return [
    ...scored.map(({ part, metric }) => ({ part, promising: error(metric) <= limit })),
    ...unscored.map((part) => ({ part, promising: false })),
  ];
}

/** Changes, by family and name, that made no script better than its parent. */
function disappointments(tried: readonly TriedRecipe[], direction: Direction): ReadonlySet<string> {
  const metrics = new Map(tried.map(({ id, metric }) => [id, metric]));
  const failed = new Set<string>();
  const helped = new Set<string>();
  for (const node of tried) {
    const before = node.parent === null ? null : (metrics.get(node.parent) ?? null);
    if (before === null) continue;
    const key = changeKey(node.recipe, node.recipe.origin.change);
    if (node.metric !== null && isBetter(node.metric, before, direction)) helped.add(key);
    else failed.add(key);
  }
  return new Set([...failed].filter((key) => !helped.has(key)));
}

function changeKey(recipe: Recipe, change: string): string {
  return `${recipe.model.family} ${change}`;
}

const DRAWS = 20;

function variation(recipe: Recipe, table: Table, blocks: BlockList, keys: ReadonlySet<string>, random: Draws): Change {
  const family = blocks.family(recipe.model.family) ?? blocks.families[0];
  if (family === undefined) throw new Error('no model family among the building blocks');
  let settings = family.vary(random, table);
  for (let draw = 1; draw < DRAWS && keys.has(recipeKey(withSettings(recipe, settings))); draw += 1) {
    settings = family.vary(random, table);
  }
  return {
    name: 'variation',
    title: `Vary the settings of ${family.title}: ${settingsText(settings)}`,
    why: 'Every listed change to this script has been tried, so its settings are drawn at random.',
    recipe: withSettings(recipe, settings),
  };
}

function settingsText(settings: Part['settings']): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} = ${String(value)}`)
    .join(', ');
}
