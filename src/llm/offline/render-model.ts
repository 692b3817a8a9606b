import type { BlockList } from './blocks/block-list';
import type { FamilyBlock } from './blocks/block';
import type { Python } from './python';
import { indent, LINE_WIDTH } from './python';
import type { Part, Recipe } from './recipe';
import type { Table } from './table';

/** The functions of a script that build its model. */
export function renderModel(recipe: Recipe, table: Table, blocks: BlockList): Python {
  const parts = [recipe.model, ...recipe.blend].flatMap((part) => {
    const family = blocks.family(part.family);
    return family === null ? [] : [{ part, family }];
  });
  const functions = parts.map(({ part, family }) => renderPart(part, family, table, blocks));
  const names = parts.map(({ family }) => family.name);
  const combined = combine(names, table);
  const whole = transformTarget(combined, recipe, blocks);
  const imports = [...functions.flatMap((part) => part.imports), ...whole.imports];
  const build = `def build_model():\n${indent(`return ${whole.code}`, 4)}`;
  return { code: [...functions.map(({ code }) => code), build].join('\n\n\n'), imports };
}

function renderPart(part: Part, family: FamilyBlock, table: Table, blocks: BlockList): Python {
  const encoder = blocks.column('categories', part.categories);
  const estimator = family.estimator(
    table,
    part.settings,
    table.categories.length > 0 && encoder !== null ? (encoder.modelKeywords ?? {}) : {},
  );
  const numberSteps = [
    ...(blocks.column('missing', part.missing)?.steps(table) ?? []),
    ...(blocks.column('expansion', part.expansion)?.steps(table) ?? []),
    ...(blocks.column('scaling', part.scaling)?.steps(table) ?? []),
    ...(blocks.column('selection', part.selection)?.steps(table) ?? []),
  ];
  const numbers = pipeline(numberSteps);
  const categorySteps = table.categories.length === 0 ? [] : (encoder?.steps(table) ?? []);
  const categories = categorySteps.length === 0 ? null : pipeline(categorySteps);
  const words = renderWords(part, table, blocks);
  const kept = words?.sparse === true ? ', sparse_threshold=1' : '';
  const entries = [
    ...(categories === null ? [] : ['("categories", categories, CATEGORIES)']),
    '("numbers", numbers, NUMBERS)',
    ...(words === null ? [] : [words.entry]),
  ];
  const body = [
    `"""${family.about}"""`,
    ...(categories === null ? [] : [`categories = ${categories.code}`]),
    `numbers = ${numbers.code}`,
    ...(words === null ? [] : [`words = ${words.code}`]),
    columnTransformer(entries, kept),
    `model = ${estimator.code}`,
    'return make_pipeline(columns, model)',
  ];
  const code = `def ${family.name}():\n${indent(body.join('\n'), 4)}`;
  return {
    code,
    imports: [
      'from sklearn.compose import ColumnTransformer',
      'from sklearn.pipeline import make_pipeline',
      ...estimator.imports,
      ...numbers.imports,
      ...(categories?.imports ?? []),
      ...(words?.imports ?? []),
    ],
  };
}

function columnTransformer(entries: readonly string[], more: string): string {
  const line = `columns = ColumnTransformer([${entries.join(', ')}]${more})`;
  if (line.length <= LINE_WIDTH) return line;
  const list = entries.map((entry) => `        ${entry},\n`).join('');
  return `columns = ColumnTransformer(\n    [\n${list}    ]${more === '' ? ',' : `${more},`}\n)`;
}

interface Words extends Python {
  /** The same for each of its columns. */
  readonly entry: string;
  readonly sparse: boolean;
}

/** What is made of words; null when the table has none, or they are left out. */
function renderWords(part: Part, table: Table, blocks: BlockList): Words | null {
  const block = blocks.column('words', part.words);
  const names = block?.columns === 'names';
  if (block === null || table.texts.length + (names ? table.wordy.length : 0) === 0) return null;
  const entry = `*((f"words {place}", words, name) for place, name in enumerate(${names ? 'NAMES' : 'TEXTS'}))`;
  return { ...pipeline(block.steps(table)), entry, sparse: block.sparse ?? false };
}

function pipeline(steps: readonly Python[]): Python {
  const [first, ...others] = steps;
  if (first === undefined) return { code: '"passthrough"', imports: [] };
  if (others.length === 0) return first;
  return {
    code: `make_pipeline(\n${indent(steps.map(({ code }) => `${code},`).join('\n'), 4)}\n)`,
    imports: steps.flatMap(({ imports }) => imports),
  };
}

function combine(names: readonly string[], table: Table): Python {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return { code: `${only}()`, imports: [] };
  const voting = table.kind === 'regression' ? 'VotingRegressor' : 'VotingClassifier';
  const members = names.map((name) => `("${name}", ${name}())`).join(', ');
  const how = table.kind === 'regression' ? '' : ', voting="soft"';
  return { code: `${voting}([${members}]${how})`, imports: [`from sklearn.ensemble import ${voting}`] };
}

function transformTarget(model: Python, recipe: Recipe, blocks: BlockList): Python {
  const block = blocks.target(recipe.target);
  if (block === null) return model;
  const keywords = Object.entries(block.keywords).map(([key, { raw }]) => `${key}=${raw}`);
  return {
    code: `TransformedTargetRegressor(\n${indent([model.code, ...keywords].join(',\n'), 4)},\n)`,
    imports: [...model.imports, ...block.imports, 'from sklearn.compose import TransformedTargetRegressor'],
  };
}
