import { appendFileSync } from 'node:fs';
import type { Purpose } from '../../src/domain/purpose';
import { NOTHING_SERVED, type ServedUsage } from './completion';
import type { StructuredBy } from './request';

/** One request for a completion, as the server saw it. */
export interface RequestRecord extends ServedUsage {
  /** Number of the request, from 1 in the order of arrival. */
  readonly number: number;
  /** `<runId>/<nodeId>/<purpose>/<ask>` as the client named it. */
  readonly call: string;
  readonly runId: string;
  readonly node: number;
  readonly purpose: Purpose;
  readonly ask: number;
  readonly model: string;
  /** Whether the answer was asked for by schema. */
  readonly structured: boolean;
  readonly structuredBy: StructuredBy | null;
  /** Whether a stream was asked for. */
  readonly stream: boolean;
  /** Room for the answer that was asked for; null when nothing was said. */
  readonly room: number | null;
  /** SHA-256 of the messages as JSON. */
  readonly promptHash: string;
  /** What the server lacked or was drawn to do wrong; null for nothing (rules apart). */
  readonly fault: string | null;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** When the answer had been sent whole; null when it was not. */
  readonly answeredAt: string | null;
  /** Null while there is no answer. */
  readonly status: number | null;
  /** Whether it was sent whole and a client can go by it, be it a refusal: what must not be bought again. */
  readonly isAnswer: boolean;
  /** Whether the answer said what it used. */
  readonly isBilled: boolean;
}

type Outcome = 'answeredAt' | 'status' | 'isAnswer' | 'isBilled' | keyof ServedUsage;
type Arrival = Omit<RequestRecord, 'number' | 'fault' | Outcome>;

const NOT_ANSWERED: Pick<RequestRecord, Outcome> = {
  answeredAt: null,
  status: null,
  isAnswer: false,
  isBilled: false,
  ...NOTHING_SERVED,
};

/** What was served, of a run or of all. */
export interface ServedTotals extends ServedUsage {
  /** Answers that were sent whole and say what they used. */
  readonly calls: number;
}

/** How an answer went out; `usage` null: it does not say what it used. */
export interface AnswerOutcome {
  readonly status: number;
  readonly isAnswer: boolean;
  readonly usage: ServedUsage | null;
}

/** All requests so far; with a file also there, one line for each arrival and each answer, so that it outlives us. */
export interface RequestLog {
  all(): readonly RequestRecord[];
  received(arrival: Arrival): number;
  /** Names what goes wrong with a request. */
  struck(number: number, fault: string): void;
  answered(number: number, outcome: AnswerOutcome): void;
  /** Takes back an answer that did not get out whole. */
  lost(number: number): void;
}

export function createRequestLog(file: string | null): RequestLog {
  const records: RequestRecord[] = [];
  const note = (event: 'received' | 'answered' | 'lost', record: RequestRecord): void => {
    if (file !== null) appendFileSync(file, `${JSON.stringify({ event, ...record })}\n`);
  };
  const change = (number: number, changes: Partial<RequestRecord>): RequestRecord | null => {
    const record = records[number - 1];
    if (record === undefined) return null;
    const changed = { ...record, ...changes };
    records[number - 1] = changed;
    return changed;
  };
  const settle = (event: 'answered' | 'lost', number: number, changes: Partial<RequestRecord>): void => {
    const changed = change(number, changes);
    if (changed !== null) note(event, changed);
  };
  return {
    all: () => records,
    received: (arrival) => {
      const number = records.length + 1;
      const record = { ...arrival, number, fault: null, ...NOT_ANSWERED };
      records.push(record);
      note('received', record);
      return number;
    },
    struck: (number, fault) => void change(number, { fault }),
    answered: (number, { status, isAnswer, usage }) => {
      const answeredAt = new Date().toISOString();
      const isBilled = usage !== null;
      settle('answered', number, { status, isAnswer, isBilled, ...(usage ?? NOTHING_SERVED), answeredAt });
    },
    lost: (number) => settle('lost', number, NOT_ANSWERED),
  };
}

/** The sum over the answers that were sent whole. */
export function servedTotals(records: readonly RequestRecord[]): ServedTotals {
  const served = records.filter(({ isBilled }) => isBilled);
  const sum = (key: keyof ServedUsage): number => served.reduce((total, record) => total + record[key], 0);
  return {
    calls: served.length,
    promptTokens: sum('promptTokens'),
    completionTokens: sum('completionTokens'),
    cachedTokens: sum('cachedTokens'),
    reasoningTokens: sum('reasoningTokens'),
  };
}
