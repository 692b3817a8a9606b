import { gradeFileSchema, type GradeFile } from '../domain/evaluation';
import { scoreFromOutput } from '../domain/evaluator-score';
import type { RunFile } from '../domain/run-files';
import { endOnOneLine } from '../sandbox/end-on-one-line';
import type { ScriptMachine } from '../sandbox/place-script';
import type { SupervisorResult } from '../sandbox/supervisor-files';
import { contentHash } from '../store/content-hash';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { gradingFailed } from './grading-python';
import { runEvaluator } from './run-evaluator';

type Verdict = Pick<GradeFile, 'status' | 'reason' | 'message' | 'metric'>;

/**
 * Has the task's own evaluator score what a node made: its script, its submission and the outputs that the task keeps,
 * in a fresh directory with copies of the evaluator's files. What was scored before is not scored again.
 *
 * @throws ApplicationFailure `GradingFailed`, `IsolationUnavailable` or `EnvironmentFailed` for what is not the node's
 *   doing; StoreError; the reason of `signal`, once the evaluator has ended
 */
export async function evaluateByCommand(
  host: ScriptMachine,
  run: RunFile,
  nodeId: number,
  signal: AbortSignal,
): Promise<GradeFile> {
  const { evaluation } = run.task;
  if (evaluation === null || typeof evaluation === 'string') throw gradingFailed('the task names no command');
  const keys = runKeys(run.runId).node(nodeId);
  const execution = await host.store.read(keys.execution);
  if (execution === null) throw new StoreError(`${keys.execution} is missing, though the script's run is recorded`);
  const outputHash = contentHash(execution);
  const stored = await readJson(host.store, keys.grade, gradeFileSchema);
  if (stored?.outputHash === outputHash) return stored;
  const result = await runEvaluator(host, run, nodeId, evaluation, signal);
  return { outputHash, ...judge(result), standardError: null };
}

/** What the evaluator's end says of the node. */
function judge(result: SupervisorResult): Verdict {
  const { end, exitCode, signal, limitSeconds, message, tail } = result;
  if (end === 'limit') return failed('timeout', `the evaluation took longer than its ${limitSeconds} s and was ended`);
  if (end !== 'exit') return failed('evaluation_failed', `the evaluation was ended: ${message}`);
  if (exitCode !== 0) {
    const how = signal === null ? `with status ${String(exitCode)}` : `by ${signal}`;
    const said = tail.trim() === '' ? 'it printed nothing' : endOnOneLine(tail);
    return failed('evaluation_failed', `the evaluation ended ${how}: ${said}`);
  }
  const score = scoreFromOutput(tail);
  if (score.status === 'value') return { status: 'ok', reason: null, message: '', metric: score.value };
  return failed(score.status === 'bad' ? 'bad_metric' : 'no_metric', score.message);
}

function failed(reason: NonNullable<GradeFile['reason']>, message: string): Verdict {
  return { status: 'failed', reason, message, metric: null };
}
