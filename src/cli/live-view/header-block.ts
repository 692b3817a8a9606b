import { formatCount } from '../../domain/format';
import { scoreInWords } from '../../report/evaluation-words';
import { isHidden, isolationCounts } from '../../report/isolation-words';
import type { RunView } from '../../report/run-view';
import { bestOf } from '../../report/run-view';
import { stopReasonInWords } from '../../report/words';
import { writersInWords } from '../../report/writers';
import type { RunState } from '../json-output';
import { ageWords } from './clock-words';
import { flowItems } from './flow-items';
import { frameFacts } from './frame-facts';
import type { FrameFacts } from './frame-facts';
import type { FrameModel } from './frame-model';
import type { Line, Piece, Style } from './styled-line';

/** Width of the labels at the left. */
const LABEL = 'budget '.length;

/** Narrower terminals need the room for what changes. */
export const ROOMY_COLUMNS = 60;

const STATE_STYLES: Readonly<Record<RunState, Style>> = {
  running: 'good',
  paused: 'busy',
  finished: 'good',
  cancelled: 'bad',
  interrupted: 'busy',
  failed: 'bad',
  terminated: 'bad',
};

/** The head of a frame: which run, where it stands, how far it is, its best score, what it used up. */
export function headerBlock(model: FrameModel, columns: number): Line[] {
  const { view } = model;
  const { task } = view.run;
  const facts = frameFacts(model);
  return [
    ...flowItems(
      'run    ',
      [
        { text: view.runId, style: 'strong' },
        { text: stateWords(model), style: STATE_STYLES[model.state] },
        { text: `${task.metric} (${task.direction}) of ${task.name}` },
      ],
      columns,
    ),
    ...(columns < ROOMY_COLUMNS
      ? []
      : flowItems('by     ', [{ text: writersInWords(view.run) }, ...isolationItems(view)], columns)),
    ...flowItems('steps  ', stepItems(facts, columns), columns),
    [{ text: 'best   ', style: 'dim' }, ...bestPieces(model)],
    ...flowItems(
      'budget ',
      facts.budget.map((text) => ({ text })),
      columns,
    ),
    ...model.notices.map((text): Line => [
      { text: '!      ', style: 'busy' },
      { text, style: 'busy' },
    ]),
  ];
}

/** Short: the lines before the live view, and `status`, say what it means. */
function isolationItems(view: RunView): Piece[] {
  const { bubblewrap, process } = isolationCounts(view);
  const open: Piece = {
    text: bubblewrap === 0 ? 'isolated by process only' : `${process} scripts by process only`,
    style: 'busy',
  };
  return [
    ...(bubblewrap === 0 ? [] : [{ text: 'isolated by bubblewrap' }]),
    ...(process === 0 ? [] : [open]),
    ...(isHidden(view) === false ? [{ text: 'not hidden', style: 'busy' } as const] : []),
  ];
}

function stateWords({ view, state, phase }: FrameModel): string {
  if (phase !== null) return phase;
  const reason = view.state?.stopReason ?? null;
  return reason === null ? state : `${state}: ${stopReasonInWords(reason)}`;
}

function stepItems({ done, total, working, failed, secondsLeft }: FrameFacts, columns: number): Piece[] {
  return [
    {
      text: `${progressBar(done / total, barWidth(columns))} ${formatCount(done)} of ${formatCount(total)}`,
      style: 'accent',
    },
    { text: `${formatCount(working)} working, ${formatCount(failed)} failed` },
    ...(secondsLeft === null || secondsLeft <= 0 ? [] : [{ text: `about ${ageWords(secondsLeft)} left` }]),
  ];
}

function barWidth(columns: number): number {
  return Math.max(6, Math.min(40, Math.floor((columns - LABEL) / 4)));
}

/** A bar of whole characters; full only when all is done. */
function progressBar(share: number, width: number): string {
  const full = share >= 1 ? width : Math.min(width - 1, Math.floor(Math.max(0, share) * width));
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function bestPieces({ view }: FrameModel): Piece[] {
  const best = bestOf(view);
  if (best === null) return [{ text: 'none yet' }];
  return [
    { text: scoreInWords(best.metric, best.standardError), style: 'good' },
    { text: `  node ${best.id}: ${best.title}` },
  ];
}
