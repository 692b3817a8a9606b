import { appendFileSync } from 'node:fs';

/** One request for a completion, as the server saw it. */
export interface RequestRecord {
  /** Number of the request, from 1 in the order of arrival. */
  readonly number: number;
  /** `<runId>/<nodeId>/<purpose>/<ask>` as the client named it. */
  readonly call: string;
  readonly runId: string;
  readonly node: number;
  readonly purpose: string;
  readonly ask: number;
  readonly model: string;
  /** Whether the answer was asked for by schema. */
  readonly structured: boolean;
  /** SHA-256 of the messages as JSON. */
  readonly promptHash: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** When the answer had been sent whole; null when it was not. */
  readonly answeredAt: string | null;
  /** Null while there is no answer. */
  readonly status: number | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** All requests so far; with a file also there, one line for each arrival and each answer, so that it outlives us. */
export interface RequestLog {
  all(): readonly RequestRecord[];
  received(
    record: Omit<RequestRecord, 'number' | 'answeredAt' | 'status' | 'promptTokens' | 'completionTokens'>,
  ): number;
  answered(number: number, outcome: Pick<RequestRecord, 'status' | 'promptTokens' | 'completionTokens'>): void;
}

export function createRequestLog(file: string | null): RequestLog {
  const records: RequestRecord[] = [];
  const note = (event: 'received' | 'answered', record: RequestRecord): void => {
    if (file !== null) appendFileSync(file, `${JSON.stringify({ event, ...record })}\n`);
  };
  return {
    all: () => records,
    received: (arrival) => {
      const number = records.length + 1;
      const record = { ...arrival, number, answeredAt: null, status: null, promptTokens: 0, completionTokens: 0 };
      records.push(record);
      note('received', record);
      return number;
    },
    answered: (number, outcome) => {
      const arrival = records[number - 1];
      if (arrival === undefined) return;
      const record = { ...arrival, ...outcome, answeredAt: new Date().toISOString() };
      records[number - 1] = record;
      note('answered', record);
    },
  };
}
