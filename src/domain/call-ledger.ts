import { PURPOSES, type Purpose } from './purpose';
import { NO_USAGE, addUsage, type Usage } from './usage';

/** A call that was sent and whose end nobody wrote down: still open, or lost with its worker. */
export interface UnendedCall {
  /** The node; null for a digest and the report's story. */
  readonly nodeId: number | null;
  readonly purpose: Purpose;
  readonly model: string;
  /** ISO 8601. */
  readonly sentAt: string;
}

/** What the model calls of a run came to, as their own files tell. */
export interface CallLedger {
  readonly byRole: Readonly<Record<Purpose, Usage>>;
  readonly unended: readonly UnendedCall[];
  /** Prompt tokens of the answered calls: as coppice had counted them, and as the servers did. */
  readonly promptTokens: { readonly estimated: number; readonly reported: number };
}

/** Everything that the calls of a run used. */
export function totalUsage({ byRole }: Pick<CallLedger, 'byRole'>): Usage {
  return PURPOSES.reduce((sum, role) => addUsage(sum, byRole[role]), NO_USAGE);
}
