import type { Block, BlendBlock, ColumnBlock, FamilyBlock, FeatureBlock, TargetBlock } from './block';
import type { Table } from '../table';
import { COLUMN_BLOCKS } from './columns';
import { boosting } from './boosting';
import { BOOSTING_LIBRARIES } from './boosting-libraries';
import { LINEAR_FAMILIES } from './linear-families';
import { TREE_FAMILIES } from './tree-families';
import { BLENDS, FEATURES, TARGETS } from './others';
import { SELECTIONS } from './selection';
import { WORDS } from './words';

/** Everything that scripts are made of. A new entry in one of these lists is all that a new block takes. */
export const ALL_BLOCKS: readonly Block[] = [
  boosting,
  ...LINEAR_FAMILIES,
  ...TREE_FAMILIES,
  ...BOOSTING_LIBRARIES,
  ...COLUMN_BLOCKS,
  ...WORDS,
  ...SELECTIONS,
  ...TARGETS,
  ...FEATURES,
  ...BLENDS,
];

/** The blocks at hand, by kind and name. */
export class BlockList {
  readonly families: readonly FamilyBlock[];
  readonly columns: readonly ColumnBlock[];
  readonly targets: readonly TargetBlock[];
  readonly features: readonly FeatureBlock[];
  readonly blends: readonly BlendBlock[];

  constructor(blocks: readonly Block[]) {
    this.families = blocks.filter((block) => block.kind === 'family').sort((left, right) => left.rank - right.rank);
    this.columns = blocks.filter(
      (block): block is ColumnBlock =>
        block.kind === 'missing' ||
        block.kind === 'scaling' ||
        block.kind === 'categories' ||
        block.kind === 'expansion' ||
        block.kind === 'words' ||
        block.kind === 'selection',
    );
    this.targets = blocks.filter((block) => block.kind === 'target');
    this.features = blocks.filter((block) => block.kind === 'features');
    this.blends = blocks.filter((block) => block.kind === 'blend');
  }

  family(name: string): FamilyBlock | null {
    return this.families.find((block) => block.name === name) ?? null;
  }

  column(kind: ColumnBlock['kind'], name: string | null): ColumnBlock | null {
    return this.columns.find((block) => block.kind === kind && block.name === name) ?? null;
  }

  target(name: string | null): TargetBlock | null {
    return this.targets.find((block) => block.name === name) ?? null;
  }

  feature(name: string): FeatureBlock | null {
    return this.features.find((block) => block.name === name) ?? null;
  }
}

/** The blocks that work with these Python distributions. */
export function blocksWith(blocks: readonly Block[], packages: readonly string[]): readonly Block[] {
  const there = new Set(packages.map((name) => name.toLowerCase().replaceAll('_', '-')));
  const works = (block: Block): boolean =>
    block.kind !== 'family' || (block.needs?.some((name) => there.has(name)) ?? true);
  return blocks.filter(works);
}

/** Whether a column block works with this family on this table. */
export function fits(block: ColumnBlock, family: string, table: Table): boolean {
  return (block.families?.includes(family) ?? true) && (block.applies?.(table) ?? true);
}
