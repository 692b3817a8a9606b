import type { HintFile } from '../../domain/steering';
import { hintRequestSchema, type HintRequest } from '../../domain/steering';
import { hintInWords } from '../../report/steering-words';
import { hintUpdate } from '../../workflows/messages';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { hintsJsonSchema } from '../json-output';
import { printJson } from '../print-json';
import { checkedRequest } from '../checked-request';
import { requireRun } from '../require-run';
import { steerRunning } from '../steer-running';
import { withoutSecrets } from '../without-secrets';

export interface HintFlags {
  readonly node?: number;
  readonly withdraw?: number;
  readonly address?: string;
  readonly json?: true;
}

/** Gives a hint, withdraws one, or without either lists them all. */
export async function hintRun(
  context: CommandContext,
  runId: string,
  words: readonly string[],
  { node, withdraw, address, json }: HintFlags,
): Promise<ExitCode> {
  if (words.length === 0 && withdraw === undefined && node === undefined) return list(context, runId, json ?? false);
  const given = {
    ...(words.length === 0 ? {} : { text: withoutSecrets(context, words.join(' '), 'the hint') }),
    ...(node === undefined ? {} : { node }),
    ...(withdraw === undefined ? {} : { withdraw }),
  };
  const request: HintRequest = checkedRequest(hintRequestSchema(given), given);
  const { number } = await steerRunning(context, runId, address, (handle) =>
    handle.executeUpdate(hintUpdate, { args: [request] }),
  );
  if (json) return list(context, runId, true);
  context.print(
    'withdraw' in request ? `hint ${number} of ${runId} is withdrawn` : givenInWords(runId, number, request),
  );
  return ExitCode.done;
}

function givenInWords(runId: string, number: number, { node }: { readonly node?: number | undefined }): string {
  const scope = node === undefined ? 'every prompt' : `the prompts of what is made from node ${node} and below`;
  return `hint ${number} stands in ${scope} from now on; \`coppice hint ${runId} --withdraw ${number}\` takes it back`;
}

async function list(context: CommandContext, runId: string, json: boolean): Promise<ExitCode> {
  const { hints } = await requireRun(context, runId);
  if (json) {
    const told = hints.map(({ number, node, text, givenAt, withdrawnAt }) => ({
      number,
      node,
      text,
      givenAt,
      withdrawnAt,
    }));
    printJson(context, hintsJsonSchema, { runId, hints: told });
    return ExitCode.done;
  }
  if (hints.length === 0) context.print(`nobody gave run ${runId} a hint; \`coppice hint ${runId} "…"\` gives one`);
  for (const hint of hints) context.print(line(hint));
  return ExitCode.done;
}

function line(hint: HintFile): string {
  return `${hintInWords(hint)}${hint.withdrawnAt === null ? '' : '  (withdrawn)'}`;
}
