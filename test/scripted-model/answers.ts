import { createHash } from 'node:crypto';
import type { ScriptBehaviour } from './actions';
import type { RequestMessage } from './request';
import type { CallKey } from './rules';

/** Characters of what is given that a digest carries on. */
const LONGEST_DIGEST = 1200;

/** The score of a made-up script: between 0 and 1, determined by node and purpose alone. */
export function scriptedMetric(node: number, purpose: CallKey['purpose']): number {
  const digest = createHash('sha256').update(`${node}/${purpose}`).digest();
  return (digest.readUInt32BE(0) % 10_000) / 10_000;
}

/** Plan and script for a draft, an improvement or a repair. */
export function scriptAnswer(call: CallKey, behaviour: ScriptBehaviour): string {
  const plan = `Scripted ${call.purpose} for node ${call.node}. It only reports a number.`;
  return `${plan}\n\n\`\`\`python\n${script(call, behaviour)}\`\`\`\n`;
}

/** The usual answer to a call: a script, a review, a digest or the words for the report. */
export function usualAnswer(call: CallKey, messages: readonly RequestMessage[], behaviour: ScriptBehaviour): string {
  switch (call.purpose) {
    case 'draft':
    case 'improve':
    case 'debug':
      return scriptAnswer(call, behaviour);
    case 'review':
      return reviewAnswer(call);
    case 'digest':
      return digestAnswer(messages);
    case 'report':
      return 'The scripts of this search only report numbers. The best of them reports the best one.';
  }
}

/** A review as JSON. */
export function reviewAnswer({ node }: CallKey): string {
  return JSON.stringify({
    is_bug: false,
    idea: `Scripted idea of node ${node}.`,
    change: `Scripted change of node ${node}.`,
    lesson: `Scripted lesson of node ${node}.`,
  });
}

/** Carries on the end of what it is given, where the newest stands. */
function digestAnswer(messages: readonly RequestMessage[]): string {
  const given = (messages.at(-1)?.content ?? '').replaceAll(/\s+/g, ' ').trim();
  return `Scripted digest. ${given.slice(-LONGEST_DIGEST)}`;
}

function script(call: CallKey, behaviour: ScriptBehaviour): string {
  if (behaviour.code !== undefined) return `${behaviour.code.trimEnd()}\n`;
  const metric = behaviour.metric ?? scriptedMetric(call.node, call.purpose);
  const writesSubmission = behaviour.fail !== 'no_submission';
  return [
    '"""A script without a model: it reports a number, as the scripted model server was told to."""',
    'import json',
    'import os',
    'import shutil',
    'import signal',
    'import time',
    '',
    'os.makedirs("./working", exist_ok=True)',
    `METRIC = ${String(metric)}`,
    `print("node ${call.node}: ${call.purpose}", flush=True)`,
    ...(behaviour.lines === undefined ? [] : [`for line in range(${behaviour.lines}):`, '    print("line", line)']),
    ...(behaviour.sleepSeconds === undefined ? [] : [`time.sleep(${behaviour.sleepSeconds})`]),
    ...failure(behaviour.fail),
    ...(writesSubmission
      ? [
          'for name in sorted(os.listdir("./input")):',
          '    if "sample" in name.lower():',
          '        shutil.copyfile(os.path.join("./input", name), "./working/submission.csv")',
        ]
      : []),
    'with open("./working/result.json", "w") as file:',
    '    json.dump({"metric": METRIC}, file)',
    'print(f"Validation metric (scripted): {METRIC}")',
    '',
  ].join('\n');
}

function failure(fail: ScriptBehaviour['fail']): string[] {
  switch (fail) {
    case 'exception':
      return ['raise ValueError("scripted failure")'];
    case 'no_metric':
      return ['raise SystemExit(0)'];
    case 'bad_metric':
      return ['METRIC = float("nan")'];
    case 'killed':
      return ['os.kill(os.getpid(), signal.SIGKILL)'];
    case 'no_submission':
    case undefined:
      return [];
  }
}
