import type { CallLedger, UnendedCall } from '../domain/call-ledger';
import { totalUsage } from '../domain/call-ledger';
import { PURPOSES } from '../domain/purpose';
import { isOffline } from '../domain/resolved-model';
import type { Usage } from '../domain/usage';
import { counted, formatCount, formatDollars } from '../domain/format';
import { escapeMarkdown, markdownTable } from './markdown';
import { noPriceInWords, unpricedModels } from './model-words';
import type { RunView } from './run-view';

/** Most rows of the table of lost calls. */
const LOST_ROWS = 200;

/** What the models used, by role; empty when no language model works. */
export function renderUsage(view: RunView, ledger: CallLedger): string {
  if (isOffline(view.run.models)) return '';
  const paragraphs = [
    '## Model usage',
    usageTable(view, ledger),
    priceNote(view),
    countingNote(ledger),
    unendedCalls(view, ledger.unended),
  ];
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

function usageTable({ run }: RunView, ledger: CallLedger): string {
  const roles = PURPOSES.filter((role) => ledger.byRole[role].calls > 0);
  const rows = roles.map((role) => {
    const names = run.models[role].map(({ name }) => escapeMarkdown(name)).join(', else ');
    return [role, names, ...figures(ledger.byRole[role])];
  });
  return markdownTable(
    ['Role', 'Model', 'Calls', 'Prompt tokens', 'Of them cached', 'Completion tokens', 'Of them reasoning', 'Cost'],
    [...rows, ['all', '', ...figures(totalUsage(ledger))]],
  );
}

function figures(usage: Usage): string[] {
  const { calls, promptTokens, cachedTokens, completionTokens, reasoningTokens, costUsd } = usage;
  return [
    ...[calls, promptTokens, cachedTokens, completionTokens, reasoningTokens].map(formatCount),
    costUsd === null ? '–' : formatDollars(costUsd),
  ];
}

function priceNote({ run }: RunView): string {
  const unpriced = unpricedModels(run.models);
  if (unpriced.length > 0) return escapeMarkdown(sentence(noPriceInWords(unpriced)));
  return "Costs are by the list prices in `run.json`; the provider's bill is the truth.";
}

function countingNote({ promptTokens: { estimated, reported } }: CallLedger): string {
  if (estimated === 0 || reported === 0) return '';
  const ratio = (reported / estimated).toFixed(2);
  return `Of the answered prompts coppice had counted ${formatCount(estimated)} tokens, the servers ${formatCount(reported)}: ${ratio} times as many.`;
}

function unendedCalls({ state }: RunView, calls: readonly UnendedCall[]): string {
  if (calls.length === 0) return '';
  const isOver = state?.state === 'finished' || state?.state === 'cancelled';
  const what = isOver
    ? `${counted(calls.length, 'call')} lost: sent, and open when the worker was killed. What they cost is not in these figures.`
    : `${counted(calls.length, 'call')} without an end so far: still open, or lost with a killed worker. What they cost is not in these figures.`;
  const rows = calls
    .slice(0, LOST_ROWS)
    .map(({ nodeId, purpose, model, sentAt }) => [
      nodeId === null ? '–' : String(nodeId),
      purpose,
      escapeMarkdown(model),
      sentAt,
    ]);
  const left = calls.length - rows.length;
  const rest = left > 0 ? `\n\n${counted(left, 'further one')}.` : '';
  return `${what}\n\n${markdownTable(['Node', 'Call', 'Model', 'Sent'], rows)}${rest}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
