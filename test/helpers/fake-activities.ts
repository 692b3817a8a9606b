import type { Activities } from '../../src/activities/create-activities';
import type { FailureReason } from '../../src/domain/failure-reason';
import type { OpenRunResult, ProposeInput, PublishInput, ReportInput, SaveStateInput } from '../../src/domain/steps';

/** What a node of a fake run comes to, from its id, operator and parent: a score or a reason. */
export type Outcome = (input: ProposeInput) => number | FailureReason;

export interface FakeRun {
  readonly activities: Activities;
  readonly proposed: ProposeInput[];
  readonly executed: number[];
  readonly published: PublishInput[];
  readonly saved: SaveStateInput[];
  readonly reported: ReportInput[];
}

export interface FakeRunSettings {
  readonly outcome?: Outcome;
  readonly opened?: Partial<OpenRunResult>;
  /** How long a script takes, in milliseconds. */
  readonly scriptMs?: (nodeId: number) => number;
}

const ONE_CALL = { calls: 1, promptTokens: 10, completionTokens: 5, cachedTokens: 0 };

/** Scores improve with depth and id; every third draft fails, and some improvements do. */
export const MIXED: Outcome = ({ nodeId, operator }) => {
  if (operator === 'draft') return nodeId % 3 === 0 ? 'exception' : 100 - nodeId;
  if (operator === 'debug') return nodeId % 2 === 0 ? 'timeout' : 90 - nodeId;
  return nodeId % 5 === 0 ? 'no_metric' : 80 - nodeId;
};

/** Activities that make nothing and remember what they were asked for. */
export function fakeRun({ outcome = MIXED, opened = {}, scriptMs = () => 0 }: FakeRunSettings = {}): FakeRun {
  const proposed: ProposeInput[] = [];
  const executed: number[] = [];
  const published: PublishInput[] = [];
  const saved: SaveStateInput[] = [];
  const reported: ReportInput[] = [];
  const outcomes = new Map<number, number | FailureReason>();
  const propose: Activities['draft'] = async (input) => {
    proposed.push(input);
    outcomes.set(input.nodeId, outcome(input));
    return { status: 'proposed', usage: ONE_CALL };
  };
  const activities: Activities = {
    openRun: async () => ({
      seed: 11,
      direction: 'minimize',
      modelEndpoint: 'fake',
      serverDownMs: 0,
      recovered: null,
      drainAt: { events: 30_000, bytes: 25 * 1024 * 1024 },
      ...opened,
    }),
    preview: async () => undefined,
    checkModels: async () => ({ modelEndpoint: 'fake' }),
    saveState: async (input) => {
      saved.push(input);
      return { serverDownMs: 0 };
    },
    draft: propose,
    improve: propose,
    debug: propose,
    execute: async ({ nodeId }) => {
      executed.push(nodeId);
      await new Promise((resolve) => setTimeout(resolve, scriptMs(nodeId)));
      const result = outcomes.get(nodeId);
      if (typeof result === 'number') return { status: 'ok', metric: result };
      return { status: 'failed', reason: result ?? 'exception' };
    },
    review: async () => ({ verdict: 'sound', usage: ONE_CALL }),
    publish: async (input) => {
      published.push(input);
      return { serverDownMs: 0 };
    },
    report: async (input) => {
      reported.push(input);
      return { artifacts: [] };
    },
  };
  return { activities, proposed, executed, published, saved, reported };
}
