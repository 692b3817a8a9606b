import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess } from '../../sandbox/process-identity';
import { spawnDetached } from '../../server/spawn-detached';
import { PACKAGE_DIRECTORY } from '../../workers/settings';
import { failed } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { findRun } from '../find-run';
import { printOver } from '../over';
import type { RunRequest } from '../request';

/** How long the background process has to get its run going, in milliseconds. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 300;
const TAIL_LINES = 12;

/**
 * Starts the same command in the background, in a session of its own: it stays when the terminal is closed, also while
 * the run pauses itself, and goes when the run is over.
 *
 * @param words the command line without the program, as it was typed
 * @throws CommandFailure when the run does not get going
 */
export async function detach(
  context: CommandContext,
  request: RunRequest,
  words: readonly string[],
): Promise<ExitCode> {
  const found = await findRun(context, request, null);
  if (found.kind === 'over') return printOver(context, found.runId);
  const runId = found.kind === 'unfinished' ? found.runId : (found.named ?? `${request.task.name}-${found.first}`);
  const log = path.join(context.settings.home, 'logs', `run-${runId}.log`);
  const from = await sizeOf(log);
  const worker = await spawnDetached({
    command: process.execPath,
    parameters: [path.join(PACKAGE_DIRECTORY, 'bin', 'coppice.js'), ...backgroundWords(words, runId)],
    environment: definedOf(context.settings.environment),
    directory: context.workingDirectory,
    log,
  });
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await hasHeader(log, from, runId))) {
    if (worker === null || !(await isSameProcess(worker)))
      throw failed(`run ${runId} did not start: ${await tailOf(log)}`);
    if (Date.now() > deadline) {
      throw failed(`run ${runId} is not under way after ${PATIENCE_MS / 1000} s; see ${log}, where it says why`);
    }
    await sleep(LOOK_MS);
  }
  context.print(`run        ${runId}, in the background (process ${worker?.pid ?? 'gone'})`);
  context.print(`log        ${log}`);
  context.print(`watch      coppice watch ${runId}`);
  context.print(`steer      coppice pause ${runId} | stop ${runId} | extend ${runId} --steps +20`);
  return ExitCode.done;
}

/** What was typed, less `--detach`, with the run named and plain lines for the log. */
function backgroundWords(words: readonly string[], runId: string): string[] {
  const kept = words.filter((word) => word !== '--detach');
  const isNamed = kept.some((word) => word === '--run-id' || word.startsWith('--run-id='));
  return [...kept, ...(isNamed ? [] : ['--run-id', runId]), '--stay'];
}

/** The header with the run's name comes when the run is on the server and its worker at work. */
async function hasHeader(log: string, from: number, runId: string): Promise<boolean> {
  const text = (await readFile(log)).subarray(from).toString('utf8');
  return text.split('\n').some((line) => line.startsWith(`run        ${runId}`));
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

function definedOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function tailOf(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n');
  return lines.slice(-TAIL_LINES).join('\n');
}
