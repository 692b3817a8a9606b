import type { Python } from '../python';
import { call } from '../python';
import type { Table } from '../table';
import type { ColumnBlock } from './block';
import { SCALED_FAMILIES } from './column-situations';

/** Words are told apart by a hash, so that a script needs no vocabulary; few of 4,096 places are shared by two. */
const PLACES = 4096;

/** Directions that the words of one column are reduced to. */
const DIRECTIONS = 24;

function tfidf(keywords: Readonly<Record<string, string | { readonly raw: string }>> = {}): readonly Python[] {
  return [
    call(
      { module: 'sklearn.feature_extraction.text', name: 'HashingVectorizer' },
      { ...keywords, n_features: PLACES, alternate_sign: false, norm: null },
    ),
    call({ module: 'sklearn.feature_extraction.text', name: 'TfidfTransformer' }, { sublinear_tf: true }),
  ];
}

const reduced: Python = call(
  { module: 'sklearn.decomposition', name: 'TruncatedSVD' },
  { n_components: DIRECTIONS, random_state: { raw: 'SEED' } },
);

const OF_TEXTS = { kind: 'words', applies: ({ texts }: Table): boolean => texts.length > 0 } as const;

/** What is made of words: TF-IDF, as it is for models that take many sparse columns, reduced for all others. */
export const WORDS: readonly ColumnBlock[] = [
  {
    ...OF_TEXTS,
    name: 'tfidf',
    title: 'the words of each text, rare ones weighing more (TF-IDF)',
    families: ['linear'],
    steps: () => tfidf(),
    sparse: true,
    why: 'A linear model can weigh every word on its own.',
    worth: () => 55,
  },
  {
    ...OF_TEXTS,
    name: 'topics',
    title: `the words of each text (TF-IDF), reduced to ${DIRECTIONS} directions`,
    steps: () => [...tfidf(), reduced],
    why: 'Words that come together tell much the same, so a few directions hold most of it.',
    worth: () => 50,
  },
  {
    ...OF_TEXTS,
    name: 'spellings',
    title: `groups of letters in each text (TF-IDF), reduced to ${DIRECTIONS} directions`,
    steps: () => [...tfidf({ analyzer: 'char_wb', ngram_range: { raw: '(3, 4)' } }), reduced],
    why: 'Groups of letters see that misspelt and inflected words belong together.',
    worth: () => 40,
  },
  {
    kind: 'words',
    name: 'names',
    title: `the words within names too (TF-IDF), reduced to ${DIRECTIONS} directions`,
    steps: () => [...tfidf(), reduced],
    columns: 'names',
    applies: ({ wordy }) => wordy.length > 0,
    why: 'Names that share a word can have something in common, which whole names do not show.',
    worth: ({ recipe }) => (SCALED_FAMILIES.has(recipe.model.family) ? 43 : 57),
  },
];
