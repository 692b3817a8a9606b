import { noteRequestSchema, type NoteRequest } from '../../domain/steering';
import { notedInWords } from '../../report/tree-words';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { writeNote } from '../../store/write-note';
import { notesFileSchema } from '../../domain/steering';
import { noteUpdate } from '../../workflows/messages';
import { checkedRequest } from '../checked-request';
import { failed, wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { noteJsonSchema } from '../json-output';
import { printJson } from '../print-json';
import { requireNode, requireRun } from '../require-run';
import { findSession } from '../session';
import { updateRun } from '../update-run';
import { withoutSecrets } from '../without-secrets';
import { workflowStatus } from '../workflow-status';

export interface NoteFlags {
  /** Such as `public=0.83`; `public=none` takes the score away. */
  readonly score?: readonly string[];
  readonly text?: string;
  readonly address?: string;
  readonly json?: true;
}

/** Notes scores or words about a node: a run that is under way does it itself, else its files are written here. */
export async function noteNode(
  context: CommandContext,
  runId: string,
  nodeText: string,
  { score = [], text, address, json }: NoteFlags,
): Promise<ExitCode> {
  const node = requireNode(await requireRun(context, runId), nodeText).id;
  const request = checkedRequest(noteRequestSchema, {
    node,
    ...(score.length === 0 ? {} : { scores: readScores(score) }),
    ...(text === undefined ? {} : { text: withoutSecrets(context, text, 'the note') }),
  });
  if (!(await noteOnServer(context, runId, request, address))) await writeNote(context.store, runId, request);
  const notes = await readJson(context.store, runKeys(runId).node(node).notes, notesFileSchema);
  if (notes === null)
    throw failed(`the note on node ${node} of run "${runId}" is not among its files: is this its store?`);
  const { scores, text: words } = notes;
  if (json) printJson(context, noteJsonSchema, { runId, node, scores, text: words });
  else
    context.print(`noted about node ${node} of ${runId}: ${[notedInWords(notes), words].filter(Boolean).join('; ')}`);
  return ExitCode.done;
}

/** False when no server runs the workflow, so that nobody else writes its files. */
async function noteOnServer(
  context: CommandContext,
  runId: string,
  request: NoteRequest,
  address: string | undefined,
): Promise<boolean> {
  const session = await findSession(context, address);
  if (session === null) return false;
  try {
    if ((await workflowStatus(session.client, runId)) !== 'running') return false;
    await updateRun(session, runId, (handle) => handle.executeUpdate(noteUpdate, { args: [request] }));
    return true;
  } finally {
    await session.close();
  }
}

function readScores(texts: readonly string[]): Record<string, number | null> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      const score = value === 'none' ? null : Number(value);
      if (name === undefined || (score !== null && !Number.isFinite(score))) {
        throw wrongInput(`--score ${text}: expected a name and a number such as public=0.83, or public=none`);
      }
      return [name.trim(), score];
    }),
  );
}
