import type { BlockList } from './blocks/block-list';
import type { ParentFacts } from './facts';
import type { Recipe } from './recipe';
import { recipeKey } from './recipe';
import { plainRecipe } from './drafts';
import { replaceNamed } from './replace-named';
import type { Remedy } from './simpler';
import { choose, lighter, mapParts, otherFamilies, simplified, smaller } from './simpler';
import { columnsOf } from './table';
import type { Table } from './table';

/** What is known of a failure. */
interface Failure {
  readonly reason: ParentFacts['reason'];
  /** The failing line of the traceback, as `ValueError: …`, or what the runner said. */
  readonly error: string;
  readonly output: string;
}

interface Patient {
  readonly failure: Failure;
  readonly recipe: Recipe;
  readonly table: Table;
  readonly blocks: BlockList;
}

/** One kind of failure: how it is recognised, what it means, and what is tried against it, in order. */
interface RepairRule {
  readonly name: string;
  readonly means: string;
  readonly applies: (patient: Patient) => boolean;
  readonly remedies: (patient: Patient) => readonly Remedy[];
}

export interface Repair {
  readonly name: string;
  readonly title: string;
  /** What was seen and what it means. */
  readonly why: string;
  readonly recipe: Recipe;
}

const says =
  (pattern: RegExp) =>
  ({ failure }: Patient): boolean =>
    pattern.test(failure.error);

const RULES: readonly RepairRule[] = [
  {
    name: 'too_slow',
    means: 'The script takes too long, so it has to compute less.',
    applies: ({ failure }) => failure.reason === 'timeout',
    remedies: ({ recipe, table, blocks }) => lighter(recipe, table, blocks),
  },
  {
    name: 'too_large',
    means: 'The script needs too much memory, so it has to hold less.',
    applies: (patient) =>
      patient.failure.reason === 'out_of_memory' ||
      patient.failure.reason === 'killed' ||
      says(/MemoryError|Unable to allocate|bad_alloc/i)(patient),
    remedies: ({ recipe, table, blocks }) => smaller(recipe, table, blocks),
  },
  {
    name: 'matching',
    means: 'The predictions did not find their rows in the sample, so they are matched the other way.',
    applies: ({ failure }) =>
      failure.reason === 'no_submission' ||
      failure.reason === 'bad_submission' ||
      failure.output.includes('in write_submission'),
    remedies: ({ recipe, table }) => [
      { title: 'Match predictions with the sample by place', recipe: { ...recipe, matching: 'row' } },
      ...(table.id === null
        ? []
        : [{ title: 'Match predictions with the sample by id', recipe: { ...recipe, matching: 'id' as const } }]),
    ],
  },
  {
    name: 'absent_column',
    means: 'A column that the preview shows is not there for the script, so it is left out.',
    applies: (patient) => says(/KeyError|not in index|not found in axis/)(patient) && namedColumns(patient).length > 0,
    remedies: (patient) => [
      {
        title: `Leave out ${namedColumns(patient).join(', ')}`.slice(0, 150),
        recipe: { ...patient.recipe, without: [...patient.recipe.without, ...namedColumns(patient)] },
      },
    ],
  },
  {
    name: 'too_few_rows',
    means: 'A fold has too few rows of some class, so there have to be fewer folds.',
    applies: says(/n_splits|least populated|Only one class|only one class|number of classes|at least 2 classes/),
    remedies: ({ recipe, table, blocks }) => [
      { title: 'Score on three folds', recipe: { ...recipe, folds: Math.min(3, recipe.folds) } },
      { title: 'Score on two folds', recipe: { ...recipe, folds: 2 } },
      ...otherFamilies(recipe, table, blocks),
    ],
  },
  {
    name: 'target_form',
    means: 'The transformed target has values that cannot be computed, so it is learned as it is.',
    applies: (patient) =>
      patient.recipe.target !== null &&
      (says(/\blog1?p?\b|negative|positive|overflow|PowerTransformer|inverse|Input y|y_pred|too large/i)(patient) ||
        patient.failure.output.includes('in measure')),
    remedies: ({ recipe }) => [{ title: 'Learn the target as it is', recipe: { ...recipe, target: null } }],
  },
  {
    name: 'missing_numbers',
    means: 'Missing numbers reached a model that cannot take them, so they are filled in first.',
    applies: says(/contains NaN|contains infinity|missing values|NaN|infinity/),
    remedies: ({ recipe, table, blocks }) =>
      ['median', 'indicator'].map((name) => ({
        title: 'Fill in missing numbers',
        recipe: mapParts(recipe, (part) => ({ ...part, missing: choose('missing', [name], part, table, blocks) })),
      })),
  },
  {
    name: 'unknown_category',
    means: 'Some rows hold categories or texts that the encoding cannot take, so another encoding is used.',
    applies: says(/unknown categor|could not convert string|isin|unorderable|not supported between|[Cc]ategor/),
    remedies: ({ recipe, table, blocks }) =>
      ['ordinal', 'one_hot', 'target_mean']
        .filter((name) => name !== recipe.model.categories)
        .map((name) => ({
          title: 'Encode the categories otherwise',
          recipe: mapParts(recipe, (part) => ({
            ...part,
            categories: choose('categories', [name], part, table, blocks),
          })),
        })),
  },
  {
    name: 'no_library',
    means: 'A library that the script is built on does not work here, so another model is taken.',
    applies: says(/libgomp|libomp|cannot open shared object|Library not loaded|No module named '(lightgbm|xgboost)/),
    remedies: ({ recipe, table, blocks }) =>
      otherFamilies({ ...recipe, blend: [] }, table, blocks).filter(
        ({ recipe: other }) => blocks.family(other.model.family)?.needs === undefined,
      ),
  },
  {
    name: 'settings',
    means: 'The model does not take one of its settings with this data, so it gets plain ones.',
    applies: says(/InvalidParameterError|loss|unexpected keyword|parameter|n_neighbors|n_quantiles|max_bins/),
    remedies: ({ recipe, table, blocks }) => [
      { title: 'Go back to plain settings', recipe: mapParts(recipe, (part) => ({ ...part, settings: {} })) },
      ...otherFamilies(recipe, table, blocks),
    ],
  },
  {
    name: 'named_part',
    means: 'The error names a part of the script, so that part is replaced.',
    applies: ({ failure, recipe, table, blocks }) => replaceNamed(failure.output, recipe, table, blocks).length > 0,
    remedies: ({ failure, recipe, table, blocks }) => replaceNamed(failure.output, recipe, table, blocks),
  },
];

/** What to do about a failed script: by the first rule that recognises the failure, else towards the plainest script. */
export function repair(
  parent: ParentFacts,
  recipe: Recipe | null,
  tried: readonly Recipe[],
  table: Table,
  blocks: BlockList,
): Repair {
  const failure = readFailure(parent);
  if (recipe === null) return startAnew(failure, tried, table, blocks);
  const patient = { failure, recipe, table, blocks };
  const keys = new Set([recipe, ...tried].map(recipeKey));
  const firstNew = (remedies: readonly Remedy[]): Remedy | undefined =>
    remedies.find((remedy) => !keys.has(recipeKey(remedy.recipe)));
  for (const rule of RULES) {
    const remedy = rule.applies(patient) ? firstNew(rule.remedies(patient)) : undefined;
    if (remedy !== undefined) return { name: rule.name, why: `${seen(failure)} ${rule.means}`, ...remedy };
  }
  const remedies = simplified(recipe, table, blocks);
  const remedy = firstNew(remedies) ?? remedies.at(-1) ?? { title: 'Run it once more', recipe };
  return {
    name: 'simpler',
    why: `${seen(failure)} No rule knows this failure, so the script gets simpler.`,
    ...remedy,
  };
}

function startAnew(failure: Failure, tried: readonly Recipe[], table: Table, blocks: BlockList): Repair {
  const keys = new Set(tried.map(recipeKey));
  const plain = blocks.families.map((family) => plainRecipe(family, table, blocks));
  const recipe = plain.find((candidate) => !keys.has(recipeKey(candidate))) ?? plain[0];
  if (recipe === undefined) throw new Error('no model family among the building blocks');
  const title = `Start anew with ${blocks.family(recipe.model.family)?.title ?? recipe.model.family}`;
  return {
    name: 'anew',
    title,
    why: `${seen(failure)} The script is of another hand and cannot be taken apart.`,
    recipe,
  };
}

function readFailure(parent: ParentFacts): Failure {
  const lines = parent.outputTail.trim().split('\n');
  const found = lines.findLast((line) => /^[\w.]*(Error|Exception|Interrupt|Warning)\b/.test(line));
  return { reason: parent.reason, error: found ?? parent.message, output: parent.outputTail };
}

function seen(failure: Failure): string {
  const error = failure.error.trim().slice(0, 200);
  const reason = (failure.reason ?? 'failed').replaceAll('_', ' ');
  return error === '' ? `Seen: ${reason}.` : `Seen (${reason}): ${error.replaceAll('`', "'")}.`;
}

/** Columns of the table that the error quotes. */
function namedColumns({ failure, table, recipe }: Patient): string[] {
  const columns = columnsOf(table);
  return columns.filter(
    (name) =>
      !recipe.without.includes(name) && [`'${name}'`, `"${name}"`].some((quoted) => failure.error.includes(quoted)),
  );
}
