import { formatMetric } from '../domain/format';
import type { HintInput, InjectInput, NoteInput, StoreInjectedInput } from '../domain/steering-steps';
import type {
  DigestInput,
  ExecuteInput,
  GradeInput,
  LocateInput,
  OpenRunInput,
  ProposeInput,
  PublishInput,
  ReviewInput,
  SaveStateInput,
  SelectInput,
} from '../domain/steps';
import type { NotifyInput } from '../domain/notice';

/*
 * One line for each dispatched step, as Temporal's UI shows it in the timeline: what is done for which node. Short,
 * since it is kept in the history.
 */

export const openSummary = ({ spec }: OpenRunInput): string =>
  spec.fork !== undefined
    ? 'open the run, a fork'
    : spec.replay !== undefined
      ? 'open the run, a replay'
      : 'open the run';

export const previewSummary = (): string => 'look at the data';

export const splitSummary = (): string => 'withhold rows';

export const modelsSummary = (): string => 'look for the models';

export const stateSummary = ({ pause }: SaveStateInput): string =>
  pause === null ? 'save the state' : `save the state: paused (${pause.reason})`;

export const proposeSummary = ({ nodeId, operator, parent }: ProposeInput): string =>
  `${node(nodeId)}${madeAs(operator, parent)}`;

export const injectSummary = ({ nodeId, parent }: InjectInput): string => `${node(nodeId)}${madeAs('inject', parent)}`;

export const storeInjectedSummary = ({ number }: StoreInjectedInput): string => `store injected script ${number}`;

export const hintSummary = (input: HintInput): string =>
  'withdraw' in input ? `withdraw hint ${input.number}` : `store hint ${input.number}`;

export const noteSummary = ({ note }: NoteInput): string => `${node(note.node)}note`;

export const locateSummary = ({ nodeId }: LocateInput): string => `${node(nodeId)}look for its script`;

export const executeSummary = ({ nodeId, variant, place }: ExecuteInput): string =>
  `${node(nodeId)}${place === 'here' ? 'go on with' : 'run'} the script${ofVariant(variant)}`;

export const gradeSummary = ({ nodeId }: GradeInput): string => `${node(nodeId)}grade`;

export const reviewSummary = ({ nodeId }: ReviewInput): string => `${node(nodeId)}review`;

export const publishSummary = ({ nodeId, metric, reason }: PublishInput): string =>
  `${node(nodeId)}record: ${reason === null ? formatMetric(metric) : `failed (${reason})`}`;

export const selectSummary = ({ candidates }: SelectInput): string =>
  `choose among ${candidates.map(({ id }) => id).join(', ')}`;

export const digestSummary = ({ upTo, nodes }: DigestInput): string => `digest ${nodes.length} nodes, up to ${upTo}`;

export const storySummary = (): string => 'tell the story';

export const reportSummary = (): string => 'write the report';

export const notifySummary = ({ event }: NotifyInput): string => `notify of ${event}`;

function node(id: number): string {
  return `node ${id} · `;
}

function madeAs(operator: string, parent: number | null): string {
  return parent === null ? operator : `${operator} of ${parent}`;
}

function ofVariant(variant: ExecuteInput['variant']): string {
  if (variant === 'node') return '';
  return variant === 'refit' ? ' on all the data' : `, ${variant}`;
}
