import { z } from 'zod';

const settingSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One model with the preparation of columns that goes with it. Names are those of building blocks. */
const partSchema = z.object({
  family: z.string(),
  /** scikit-learn keywords that differ from the family's own defaults. */
  settings: z.record(z.string(), settingSchema),
  missing: z.string().nullable(),
  scaling: z.string().nullable(),
  categories: z.string().nullable(),
  expansion: z.string().nullable(),
  /** What is made of words. */
  words: z.string().nullable().default(null),
  /** Which of very many numeric columns are kept. */
  selection: z.string().nullable().default(null),
});
export type Part = z.infer<typeof partSchema>;

/** How a recipe came to be. */
const originSchema = z.object({
  /** Name of the change, by which the outcome of the same change elsewhere is recognised. */
  change: z.string(),
  parent: z.int().min(1).nullable(),
  /** Place in the parent's list of changes; a later sibling goes on behind it, however few siblings it knows. */
  position: z.int().min(0),
});

/** All that a generated script is made of. It stands in the script's first line and is read back from there. */
const recipeSchema = z.object({
  model: partSchema,
  /** Further models whose predictions are averaged with the first one's. */
  blend: z.array(partSchema),
  target: z.string().nullable(),
  features: z.array(z.string()),
  folds: z.int().min(2),
  /** Most rows to learn from; null for all. */
  rows: z.int().min(1).nullable(),
  /** Columns left out on top of those that the preview rules out. */
  without: z.array(z.string()),
  /** How predictions are matched with the rows of the sample. */
  matching: z.enum(['id', 'row']),
  origin: originSchema,
});
export type Recipe = z.infer<typeof recipeSchema>;

const MARK = '# recipe: ';

/** The comment line that carries a recipe. Escaped so that it holds neither line breaks nor backticks. */
export function recipeLine(recipe: Recipe): string {
  return MARK + JSON.stringify(recipe).replaceAll('`', '\\u0060');
}

/** The recipe of a generated script; null for a script that was not generated here. */
export function readRecipe(code: string): Recipe | null {
  const line = code.split('\n').find((candidate) => candidate.startsWith(MARK));
  if (line === undefined) return null;
  try {
    return recipeSchema.safeParse(JSON.parse(line.slice(MARK.length))).data ?? null;
  } catch {
    return null;
  }
}

/** The part of a script that `readRecipe` needs: short enough to be kept for every node that was tried. */
export function recipeLines(code: string): string {
  return code.split('\n').find((line) => line.startsWith(MARK)) ?? '';
}

/** Equal for recipes that make the same script. */
export function recipeKey(recipe: Recipe): string {
  const settings = (part: Part): unknown => ({
    ...part,
    settings: Object.entries(part.settings).sort(([left], [right]) => (left < right ? -1 : 1)),
  });
  return JSON.stringify({
    ...recipe,
    model: settings(recipe.model),
    blend: recipe.blend.map(settings),
    features: [...recipe.features].sort(),
    without: [...recipe.without].sort(),
    origin: null,
  });
}

/** A copy with other settings; a null takes the keyword out. */
export function withSettings(
  recipe: Recipe,
  settings: Readonly<Record<string, string | number | boolean | null>>,
): Recipe {
  const merged = Object.entries({ ...recipe.model.settings, ...settings }).filter(([, value]) => value !== null);
  return { ...recipe, model: { ...recipe.model, settings: Object.fromEntries(merged) } };
}

export function withPart(recipe: Recipe, change: Partial<Part>): Recipe {
  return { ...recipe, model: { ...recipe.model, ...change } };
}
