import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { joinMarks } from '../checks/join-marks';
import { runCheck } from '../checks/run-check';
import { evaluationFileSchema } from '../domain/evaluation';
import type { Mark } from '../domain/marks';
import { nodeRecordSchema } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { PublishInput } from '../domain/steps';
import { loadRun, readText } from '../llm/run-material';
import { inputSource } from '../sandbox/input-source';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

export interface CheckDependencies {
  readonly store: ArtifactStore;
  readonly pythonPath: string;
}

/** Most of an output that is searched for the error it ended with, in characters. */
const OUTPUT_TAIL = 20_000;

/** The finished node, as far as the checks look at it. */
export type CheckedNode = Pick<PublishInput, 'runId' | 'nodeId' | 'operator' | 'parent'>;

/**
 * Looks for doubts about a node in its script, in its predictions and, for a debug step, in what it made of its parent.
 * No model is asked, and nothing of the script is run.
 *
 * @throws StoreError when the run's files cannot be read
 */
export async function checkNode(dependencies: CheckDependencies, node: CheckedNode): Promise<readonly Mark[]> {
  const run = await loadRun(dependencies.store, node.runId);
  const code = await readText(dependencies.store, runKeys(node.runId).node(node.nodeId).solution);
  const found = await Promise.all([
    checkScript(dependencies, run, code),
    checkRepair(dependencies, node, code),
    checkPredictions(dependencies, run, node),
  ]);
  return joinMarks(...found);
}

function checkScript({ pythonPath }: CheckDependencies, run: RunFile, code: string): Promise<readonly Mark[]> {
  const { train, test, target } = run.task;
  return runCheck(pythonPath, {
    check: 'script',
    code,
    task: { train: path.basename(train ?? ''), test: path.basename(test ?? ''), target: target ?? '' },
  });
}

async function checkRepair(
  { store, pythonPath }: CheckDependencies,
  { runId, operator, parent }: CheckedNode,
  repaired: string,
): Promise<readonly Mark[]> {
  if (operator !== 'debug' || parent === null) return [];
  const keys = runKeys(runId).node(parent);
  const record = await readJson(store, keys.record, nodeRecordSchema);
  if (record?.reason !== 'exception') return [];
  const [code, output] = [await readText(store, keys.solution), await readText(store, keys.output)];
  return runCheck(pythonPath, { check: 'repair', parent: code, output: output.slice(-OUTPUT_TAIL), repaired });
}

async function checkPredictions(
  { store, pythonPath }: CheckDependencies,
  run: RunFile,
  { runId, nodeId }: CheckedNode,
): Promise<readonly Mark[]> {
  const { sample, test, id } = run.task;
  if (sample === null) return [];
  const keys = runKeys(runId);
  const source = inputSource(run, await readJson(store, keys.evaluation, evaluationFileSchema));
  const scratch = await mkdtemp(path.join(tmpdir(), 'coppice-check-'));
  const fetch = async (key: string): Promise<string | null> => {
    const local = path.join(scratch, key.replaceAll('/', '-'));
    return (await store.readFile(key, local)) ? local : null;
  };
  const fetchInput = (name: string): Promise<string | null> | string =>
    source.kind === 'directory' ? path.join(source.path, name) : fetch(`${source.key}/${name}`);
  try {
    const { predictions, submission } = keys.node(nodeId);
    const made = (await fetch(predictions)) ?? (await fetch(submission));
    const expected = await fetchInput(sample);
    if (made === null || expected === null) return [];
    const given = test === null ? null : await fetchInput(test);
    const request = { predictions: made, sample: expected, test: given, id_column: id };
    return await runCheck(pythonPath, { check: 'predictions', ...request });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
