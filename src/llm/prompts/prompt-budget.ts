/** Most tokens that each part of a prompt takes. */
export interface PromptBudget {
  readonly goal: number;
  readonly packages: number;
  readonly preview: number;
  readonly digest: number;
  /** Share of `memory.tokens` of the run. */
  readonly memoryShare: number;
  readonly plan: number;
  readonly code: number;
  readonly output: number;
  /** A failure's message, a lesson. */
  readonly words: number;
}

const FULL: PromptBudget = {
  goal: 5000,
  packages: 600,
  preview: 1500,
  digest: 450,
  memoryShare: 1,
  plan: 300,
  code: 24_000,
  output: 700,
  words: 300,
};

/** What is given up first is what an answer can best do without: other nodes, then detail, then text. */
const SHRUNK: readonly PromptBudget[] = [
  FULL,
  { ...FULL, memoryShare: 0.3, preview: 800, output: 400 },
  { ...FULL, goal: 2000, memoryShare: 0, digest: 200, preview: 400, output: 200, packages: 200, words: 150 },
  {
    goal: 1000,
    packages: 60,
    preview: 150,
    digest: 0,
    memoryShare: 0,
    plan: 80,
    code: 8000,
    output: 120,
    words: 80,
  },
];

/** How often a prompt can be made smaller. */
export const MOST_SHRUNK = SHRUNK.length - 1;

/** The budget of a prompt that a model found too long `shrunk` times. */
export function promptBudget(shrunk: number): PromptBudget {
  return SHRUNK[Math.min(shrunk, MOST_SHRUNK)] ?? FULL;
}
