import type { HintInput, InjectInput, NoteInput, StoreInjectedInput } from '../../src/domain/steering-steps';
import type { Activities } from '../../src/activities/create-activities';
import type { FailureReason } from '../../src/domain/failure-reason';
import type { NotifyInput } from '../../src/domain/notice';
import type { ModelRoutes } from '../../src/domain/resolved-model';
import type {
  DigestInput,
  ExecuteInput,
  ExecuteResult,
  GradeInput,
  OpenRunResult,
  ProposeInput,
  PublishInput,
  RecoveredRun,
  ReportInput,
  ReviewInput,
  SaveStateInput,
  SelectInput,
  SummarizeInput,
} from '../../src/domain/steps';
import type { Usage } from '../../src/domain/usage';
import { NO_USAGE } from '../../src/domain/usage';
import type { FakeScripts } from './fake-scripts';
import { fakeScripts } from './fake-scripts';

/** What a node of a fake run comes to, from its id, operator and parent: a score or a reason. */
export type Outcome = (input: ProposeInput) => number | FailureReason;

export interface FakeRun {
  readonly activities: Activities;
  readonly scripts: FakeScripts;
  readonly proposed: ProposeInput[];
  readonly hinted: HintInput[];
  /** Scripts that people brought, as they were stored. */
  readonly brought: StoreInjectedInput[];
  readonly injected: InjectInput[];
  readonly noted: NoteInput[];
  /** Every call of `execute`; a script may need several. */
  readonly dispatched: ExecuteInput[];
  readonly executed: number[];
  readonly graded: GradeInput[];
  readonly reviewed: ReviewInput[];
  readonly digested: DigestInput[];
  readonly summarized: SummarizeInput[];
  readonly selected: SelectInput[];
  readonly published: PublishInput[];
  readonly saved: SaveStateInput[];
  readonly reported: ReportInput[];
  readonly notified: NotifyInput[];
}

export interface FakeRunSettings {
  readonly outcome?: Outcome;
  /** What a script that a person brought comes to; default: 50. */
  readonly injectedOutcome?: (input: InjectInput) => number | FailureReason;
  readonly opened?: Partial<OpenRunResult>;
  /** How long a script takes, in milliseconds. */
  readonly scriptMs?: (nodeId: number) => number;
  /** How long a script says that it took, in seconds. */
  readonly scriptSeconds?: number;
  /** What a step that asks the model used; default: `ONE_CALL`. */
  readonly usage?: Usage;
}

/** What each step that asks the fake model says it used. */
export const ONE_CALL: Usage = {
  calls: 1,
  promptTokens: 10,
  completionTokens: 5,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0.25,
};

/** What the files tell of a run of which nothing has been recorded yet. */
export const JUST_BEGUN: RecoveredRun = {
  tree: { parents: [], operators: '', outcomes: '', metrics: [] },
  completions: 0,
  bestCompletion: 0,
  bestSeconds: 1,
  usage: NO_USAGE,
  elapsedMs: 0,
  extendedSteps: 0,
  extendedMs: 0,
  extendedTokens: 0,
  extendedCostUsd: 0,
  extendedDiskBytes: 0,
  isOver: false,
  wentOn: null,
  digest: null,
  sinceDigest: [],
  hints: { last: 0, inForce: [] },
  injections: { last: 0, begun: [], waiting: [] },
  pruned: [],
};

/** The same endpoints, in order of preference, for every role. */
export function routesTo(...endpoints: string[]): ModelRoutes {
  return {
    draft: endpoints,
    improve: endpoints,
    debug: endpoints,
    review: endpoints,
    digest: endpoints,
    report: endpoints,
  };
}

/** The host of the workers that `withWorkers` runs. */
export const THIS_HOST = 'this-host';

/** Scores improve with depth and id; every third draft fails, and some improvements do. */
export const MIXED: Outcome = ({ nodeId, operator }) => {
  if (operator === 'draft') return nodeId % 3 === 0 ? 'exception' : 100 - nodeId;
  if (operator === 'debug') return nodeId % 2 === 0 ? 'timeout' : 90 - nodeId;
  return nodeId % 5 === 0 ? 'no_metric' : 80 - nodeId;
};

/** Activities that make nothing and remember what they were asked for. */
export function fakeRun(settings: FakeRunSettings = {}): FakeRun {
  const { outcome = MIXED, opened = {}, scriptMs = () => 0, scriptSeconds = 1, usage = ONE_CALL } = settings;
  const { injectedOutcome = () => 50 } = settings;
  const outcomes = new Map<number, number | FailureReason>();
  const scripts = fakeScripts((input) => endOf(input, outcomes.get(input.nodeId), scriptSeconds), scriptMs);
  const calls: Omit<FakeRun, 'activities' | 'scripts'> = {
    proposed: [],
    hinted: [],
    brought: [],
    injected: [],
    noted: [],
    dispatched: [],
    executed: [],
    graded: [],
    reviewed: [],
    digested: [],
    summarized: [],
    selected: [],
    published: [],
    saved: [],
    reported: [],
    notified: [],
  };
  const propose: Activities['draft'] = async (input) => {
    calls.proposed.push(input);
    outcomes.set(input.nodeId, outcome(input));
    return { status: 'proposed', usage };
  };
  const activities: Activities = {
    openRun: async () => ({
      seed: 11,
      direction: 'minimize',
      modelRoutes: routesTo('fake'),
      serverDownMs: 0,
      evaluation: 'reported',
      reruns: 0,
      recovered: null,
      replayed: null,
      drainAt: { events: 30_000, bytes: 25 * 1024 * 1024 },
      ...opened,
    }),
    split: async () =>
      opened.evaluation === 'command'
        ? { evaluation: 'command', canRefit: false }
        : { evaluation: 'holdout', canRefit: true },
    preview: async () => undefined,
    checkModels: async () => ({ modelRoutes: routesTo('fake') }),
    saveState: async (input) => {
      calls.saved.push(input);
      return { serverDownMs: 0 };
    },
    hint: async (input) => {
      calls.hinted.push(input);
    },
    storeInjected: async (input) => {
      calls.brought.push(input);
    },
    inject: async (input) => {
      calls.injected.push(input);
      outcomes.set(input.nodeId, injectedOutcome(input));
      return { status: 'proposed', usage: NO_USAGE };
    },
    note: async (input) => {
      calls.noted.push(input);
    },
    draft: propose,
    improve: propose,
    debug: propose,
    locate: scripts.locate,
    execute: async (input) => {
      calls.dispatched.push(input);
      if (input.variant === 'node') calls.executed.push(input.nodeId);
      return scripts.executeOn(THIS_HOST)(input);
    },
    grade: async (input) => {
      calls.graded.push(input);
      return gradeOf(outcomes.get(input.nodeId));
    },
    select: async (input) => {
      calls.selected.push(input);
      const winner = input.candidates.at(-1) ?? input.candidates[0];
      if (winner === undefined) throw new Error('a selection without candidates');
      const selectionScore = winner.metric + 1;
      return { winner: winner.id, searchScore: winner.metric, selectionScore, gap: 1 };
    },
    review: async (input) => {
      calls.reviewed.push(input);
      return { verdict: 'sound', usage };
    },
    digest: async (input) => {
      calls.digested.push(input);
      return { status: 'written', usage };
    },
    summarize: async (input) => {
      calls.summarized.push(input);
      return { status: 'written', usage };
    },
    publish: async (input) => {
      calls.published.push(input);
      return { serverDownMs: 0, dataChanged: null };
    },
    report: async (input) => {
      calls.reported.push(input);
      return { artifacts: [], usage: input.snapshot.usage };
    },
    notify: async (input) => {
      calls.notified.push(input);
    },
  };
  return { activities, scripts, ...calls };
}

function endOf(input: ExecuteInput, result: number | FailureReason | undefined, seconds: number): ExecuteResult {
  if (typeof result !== 'number') return { status: 'failed', reason: result ?? 'exception' };
  return { status: 'ok', metric: input.needsMetric ? result : null, seconds };
}

function gradeOf(result: number | FailureReason | undefined): Awaited<ReturnType<Activities['grade']>> {
  return typeof result === 'number' ? { status: 'ok', metric: result } : { status: 'failed', reason: 'bad_submission' };
}
