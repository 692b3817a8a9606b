import type { RunSpecInput } from '../../../src/domain/run-spec';
import type { TreeNode } from '../../../src/domain/tree-columns';
import type { ModelRequest } from '../../../src/llm/model';
import { DIGEST_WORDS } from '../../../src/llm/prompts/digest-variables';
import type { RandomStream } from '../../../src/policy/random-stream';
import { changedScript, madeUpOutput, madeUpScript, madeUpTraceback } from './python-script';
import type { MadeUpModel, MadeUpNode, ParentScript } from './search';
import { madeUpSearch } from './search';

const TREATMENTS = ['log-scaled', 'binned', 'squared', 'ranked', 'clipped', 'smoothed'];
const SUBJECTS = ['carat', 'depth', 'table', 'width', 'length', 'height', 'cut', 'colour', 'clarity', 'volume'];

interface Idea {
  readonly name: string;
  readonly effect: 'better' | 'worse' | 'breaks';
}

/** Sixty ideas; half of them fail, by an error or by a worse score. */
const IDEAS: readonly Idea[] = TREATMENTS.flatMap((treatment, row) =>
  SUBJECTS.map((subject, column) => {
    const kind = (row + column) % 4;
    return { name: `${treatment} ${subject}`, effect: kind === 0 ? 'breaks' : kind === 1 ? 'worse' : 'better' };
  }),
);

const FAILING = new Set(IDEAS.filter(({ effect }) => effect !== 'better').map(({ name }) => name));

export interface Repeats {
  /** Improvements and drafts that tried an idea which had failed before. */
  readonly failedAgain: number;
  /** Different ideas tried. */
  readonly ideas: number;
  readonly proposals: number;
}

/**
 * A search by a model that knows sixty ideas and picks at random among those that its prompt does not mention. How
 * often does it try again what had failed?
 */
export async function countRepeats(spec: Partial<RunSpecInput>): Promise<Repeats> {
  const tried: string[] = [];
  let failedAgain = 0;
  const onPick = (name: string): void => {
    if (FAILING.has(name) && tried.includes(name)) failedAgain += 1;
    tried.push(name);
  };
  const search = madeUpSearch(forgetfulModel(onPick), spec);
  while ((await search.next()).done !== true);
  return { failedAgain, ideas: new Set(tried).size, proposals: tried.length };
}

function forgetfulModel(onPick: (name: string) => void): MadeUpModel {
  return {
    write: (request, node, parent, random) => {
      if (node.operator === 'debug') return repaired(node, parent, random);
      const idea = pickUnseen(request, random);
      onPick(idea.name);
      return carriedOut(idea, parent, random);
    },
    digest: (request) => sumUp(userText(request)),
  };
}

/** Everything that is mentioned counts as seen, in whatever part of the prompt. */
function pickUnseen(request: ModelRequest, random: RandomStream): Idea {
  const text = userText(request);
  const unseen = IDEAS.filter(({ name }) => !text.includes(name));
  // When nothing new is left, what is known to work is done once more.
  const idea = random.pick(unseen) ?? random.pick(IDEAS.filter(({ effect }) => effect === 'better'));
  if (idea === null) throw new Error('no idea at all');
  return idea;
}

function carriedOut({ name, effect }: Idea, parent: ParentScript | null, random: RandomStream): MadeUpNode {
  const plan = `Use the ${name}.\n`;
  const base = parent === null ? madeUpScript(random) : changedScript(parent.code, random);
  const from = parent?.metric ?? 600;
  if (effect === 'breaks') {
    const outcome = { reason: 'exception' as const, message: 'ValueError: Input X contains NaN.' };
    const lesson = 'it breaks: missing values reach the model.';
    return { plan, code: base, output: madeUpTraceback(), outcome, review: verdict(name, lesson) };
  }
  const metric = from * (effect === 'better' ? 0.999 - 0.004 * random.chance() : 1.01 + 0.02 * random.chance());
  const lesson =
    effect === 'better' ? `better than its parent by ${(from - metric).toFixed(1)}.` : 'worse than its parent.';
  return { plan, code: base, output: madeUpOutput(metric, random), outcome: { metric }, review: verdict(name, lesson) };
}

function repaired(node: TreeNode, parent: ParentScript | null, random: RandomStream): MadeUpNode {
  const metric = 600 + node.id;
  return {
    plan: 'Take out what fails.\n',
    code: parent?.code ?? '',
    output: madeUpOutput(metric, random),
    outcome: { metric },
    review: verdict('what failed is taken out', 'it runs again.'),
  };
}

function verdict(change: string, lesson: string): string {
  return JSON.stringify({ is_bug: false, idea: change, change, lesson });
}

/** Notes of nothing but what stands in the prompt for them: ideas by how they ended, the failed ones never dropped. */
function sumUp(text: string): string {
  const [, before = '', results = ''] =
    /## The notes so far\n([\s\S]*)## New results\n([\s\S]*)## The best/.exec(text) ?? [];
  const works = new Set(noted(before, 'Works'));
  const failed = new Set(noted(before, 'Failed'));
  for (const line of results.split('\n')) {
    const name = /\): (.*?) →/.exec(line)?.[1];
    if (name === undefined || !IDEAS.some((idea) => idea.name === name)) continue;
    (/failed:|→ worse/.test(line) ? failed : works).add(name);
  }
  const lost = `Failed: ${[...failed].join('; ')}`;
  const room = DIGEST_WORDS - words(lost) - 1;
  return `Works: ${[...works].slice(-Math.floor(room / 2)).join('; ')}\n${lost}`;
}

function noted(notes: string, part: string): string[] {
  const line = notes.split('\n').find((other) => other.startsWith(`${part}: `));
  return line === undefined
    ? []
    : line
        .slice(part.length + 2)
        .split('; ')
        .filter((name) => name !== '');
}

function words(text: string): number {
  return text.split(/\s+/).length;
}

function userText(request: ModelRequest): string {
  return request.messages.find(({ role }) => role === 'user')?.content ?? '';
}
