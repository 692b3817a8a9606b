import type { BlockList } from './blocks/block-list';
import type { FamilyBlock } from './blocks/block';
import type { Python } from './python';
import { indent } from './python';
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
  ];
  const numbers = pipeline(numberSteps);
  const categorySteps = table.categories.length === 0 ? [] : (encoder?.steps(table) ?? []);
  const categories = categorySteps.length === 0 ? null : pipeline(categorySteps);
  const entries = [
    ...(categories === null ? [] : ['("categories", categories, CATEGORIES)']),
    '("numbers", numbers, NUMBERS)',
  ];
  const body = [
    `"""${family.about}"""`,
    ...(categories === null ? [] : [`categories = ${categories.code}`]),
    `numbers = ${numbers.code}`,
    `columns = ColumnTransformer([${entries.join(', ')}])`,
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
    ],
  };
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
