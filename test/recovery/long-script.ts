import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { executionFileSchema, nodeRecordSchema } from '../../src/domain/node-record';
import { isAlive } from '../helpers/is-alive';
import type { Scene } from './scene';
import { soon } from './scene';

const testimonySchema = z.object({
  /** The script and a child in a session of its own. */
  pids: z.array(z.number()),
  /** Where it ran and when it began, in seconds since the epoch. */
  directory: z.string(),
  startedAt: z.number(),
});
type Testimony = z.infer<typeof testimonySchema>;

/** How a script takes part in a test of take-over: it bears witness to each of its starts. */
export interface LongScriptSettings {
  readonly runId: string;
  /** Seconds after which it ends by itself; it ends before when its gate is opened. */
  readonly seconds: number;
  readonly node?: number;
  /** Default 0, which is also the target of the run: with this node it ends. */
  readonly metric?: number;
}

/** A script of some length whose starts are counted outside of coppice. */
export interface LongScript {
  /** One entry for each time that it was started. */
  starts(): Promise<Testimony[]>;
  /** Waits until it has started for the nth time. */
  untilStarted(times?: number): Promise<void>;
  /** Lets it end well now. */
  openGate(): Promise<void>;
  /** Whether anything of its nth start (from 1), or of any, is alive. */
  isAlive(nth?: number): Promise<boolean>;
}

/** Has the scripted model answer the draft of that node with a long script. Not under bubblewrap: it writes outside. */
export function plantLongScript(scene: Scene, settings: LongScriptSettings): LongScript {
  const { runId, node = 1 } = settings;
  const outside = path.dirname(scene.place.store);
  const testimony = path.join(outside, `testimony-${runId}-${node}`);
  const gate = path.join(outside, `gate-${runId}-${node}`);
  const text = scriptText({ ...settings, testimony, gate });
  scene.model.control.addRules({ purpose: 'draft', node, action: { type: 'answer', text } });
  const starts = async (): Promise<Testimony[]> => {
    const lines = (await readFile(testimony, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    return lines.map((line) => testimonySchema.parse(JSON.parse(line)));
  };
  return {
    starts,
    untilStarted: (times = 1) =>
      soon(`the script of ${runId} starts for the ${times}. time`, async () => (await starts()).length >= times),
    openGate: () => writeFile(gate, ''),
    isAlive: async (nth) => {
      const meant = (await starts()).filter((_, index) => nth === undefined || index === nth - 1);
      return (await Promise.all(meant.flatMap(({ pids }) => pids).map(isAlive))).includes(true);
    },
  };
}

/** What a take-over cost. */
export interface TakeOver {
  /** How often the script was started. */
  readonly starts: number;
  /** Number of the attempt whose result was stored. */
  readonly attempt: number;
  readonly scriptSeconds: number;
  /** Seconds between the end of the script and the record of its node. */
  readonly secondsMore: number;
}

export async function measureTakeOver(scene: Scene, runId: string, script: LongScript, node = 1): Promise<TakeOver> {
  const read = async (file: string): Promise<unknown> =>
    JSON.parse((await scene.place.read(`${runId}/nodes/${node}/${file}`)) ?? 'null');
  const execution = executionFileSchema.parse(await read('execution.json'));
  const record = nodeRecordSchema.parse(await read('node.json'));
  const [first, ...more] = await script.starts();
  const ended = (first?.startedAt ?? 0) + execution.scriptSeconds;
  return {
    starts: 1 + more.length,
    attempt: execution.attempt,
    scriptSeconds: execution.scriptSeconds,
    secondsMore: Date.parse(record.recordedAt) / 1000 - ended,
  };
}

/** A spec under which a long script can bear witness, and with whose score the run is over. */
export function longScriptSpec(scene: Scene, more: Readonly<Record<string, unknown>> = {}) {
  return scene.spec({ steps: 1, target: 0, isolation: 'process', evaluation: 'reported', ...more });
}

function scriptText(told: LongScriptSettings & { readonly testimony: string; readonly gate: string }): string {
  return `Plan: take long.

\`\`\`python
import json, os, subprocess, sys, time

child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], start_new_session=True)
begun = time.time()
with open(${JSON.stringify(told.testimony)}, "a") as file:
    testimony = {"pids": [os.getpid(), child.pid], "directory": os.getcwd(), "startedAt": begun}
    file.write(json.dumps(testimony) + "\\n")
while time.time() < begun + ${told.seconds} and not os.path.exists(${JSON.stringify(told.gate)}):
    time.sleep(0.05)
print("metric: ${told.metric ?? 0}")
\`\`\`
`;
}
