import type { Draws } from '../draws';
import type { Python } from '../python';
import type { Part, Recipe } from '../recipe';
import type { Table } from '../table';

/** What a building block looks at when it says whether a change to it is worth a try. */
export interface Situation {
  readonly table: Table;
  readonly recipe: Recipe;
}

/** How much a change is expected to help, 0 (not offered) to 100; the order in which changes are tried. */
export type Worth = (situation: Situation) => number;

interface Named {
  /** Stands in recipes; letters and underscores. */
  readonly name: string;
  /** For plans: completes "the script uses …". */
  readonly title: string;
}

export type Settings = Part['settings'];

/** One atomic change to the settings of a model. */
export interface SettingChange {
  readonly name: string;
  readonly why: string;
  readonly settings: Settings;
  readonly worth: Worth;
}

/** A kind of model. */
export interface FamilyBlock extends Named {
  readonly kind: 'family';
  /** For the docstring of the function that builds it: one sentence. */
  readonly about: string;
  /** Drafts take the families in this order, lowest first. */
  readonly rank: number;
  /** Cannot take missing numbers. */
  readonly complete: boolean;
  /** Names of blocks, the first one at hand is taken; null stands for none at all. */
  readonly prefers: {
    readonly missing: readonly string[];
    readonly scaling: readonly (string | null)[];
    readonly categories: readonly string[];
    readonly expansion: readonly string[];
    readonly words: readonly string[];
  };
  /** Most rows to learn from before it gets too slow. */
  readonly rows: number;
  /** Python distributions, any of which it needs besides scikit-learn; nothing else when left out. */
  readonly needs?: readonly string[];
  /** Families whose models it can take the place of, much the same by another library, and how promising that is. */
  readonly insteadOf?: { readonly families: readonly string[]; readonly worth: number };
  /** Settings that make it much quicker. */
  readonly lighter: Settings;
  estimator(table: Table, settings: Settings, extra: Readonly<Record<string, { readonly raw: string }>>): Python;
  readonly changes: readonly SettingChange[];
  /** Settings drawn at random, for when every listed change has been tried. */
  vary(random: Draws, table: Table): Settings;
}

/** Something in front of the model: one slot of a part's column preparation. */
export interface ColumnBlock extends Named {
  readonly kind: 'missing' | 'scaling' | 'categories' | 'expansion' | 'words' | 'selection';
  /** Steps for the columns, in order. */
  steps(table: Table): readonly Python[];
  /** Whether the table has what it works on; it always does when left out. */
  readonly applies?: (table: Table) => boolean;
  /** Families that it only works with; all when left out. */
  readonly families?: readonly string[];
  /** Keywords that the model needs because of it. */
  readonly modelKeywords?: Readonly<Record<string, { readonly raw: string }>>;
  /** Whether it makes so many columns that they have to stay sparse. */
  readonly sparse?: boolean;
  /** Of `words`: the columns of prose only (`texts`, when left out), or names of several words, too. */
  readonly columns?: 'texts' | 'names';
  /** Why a change to it may help. */
  readonly why: string;
  readonly worth: Worth;
}

/** A transformation of the target, undone in the predictions. */
export interface TargetBlock extends Named {
  readonly kind: 'target';
  /** Keywords of TransformedTargetRegressor. */
  readonly keywords: Readonly<Record<string, { readonly raw: string }>>;
  readonly imports: readonly string[];
  /** Undoing it can give no number at all for predictions far outside the known ones. */
  readonly leavesGaps: boolean;
  readonly why: string;
  readonly worth: Worth;
}

/** Columns made from other columns of the same row. */
export interface FeatureBlock extends Named {
  readonly kind: 'features';
  /** In use from the first draft on, where it applies. */
  readonly fromTheStart: boolean;
  /** Lines of the script's `prepare`, which fills the dictionary `columns`. */
  lines(table: Table): readonly string[];
  readonly imports: readonly string[];
  readonly why: string;
  readonly worth: Worth;
}

/** The average of several models. */
export interface BlendBlock extends Named {
  readonly kind: 'blend';
  /** Most models in a blend. */
  readonly most: number;
  readonly why: string;
  readonly worth: Worth;
}

export type Block = FamilyBlock | ColumnBlock | TargetBlock | FeatureBlock | BlendBlock;
