import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities/create-activities';
import { FailureType } from '../../src/domain/failure-type';
import type { ExecuteInput, ExecuteResult } from '../../src/domain/steps';

/** Scripts of pretended hosts. Like real ones under their supervisors they run on without a watcher. */
export interface FakeScripts {
  /** Every start of a script, in order: `<node>` or `<node>.<variant>`, and its host. */
  readonly starts: { readonly script: string; readonly hostId: string }[];
  /** Scripts that a cancellation ended. */
  readonly ended: string[];
  /** Starts a script that nobody watches. */
  begin(input: ExecuteInput, hostId: string): void;
  /** The activity as a worker of that host has it. */
  executeOn(hostId: string): Activities['execute'];
  readonly locate: Activities['locate'];
}

interface RunningScript {
  readonly hostId: string;
  readonly endsAt: number;
}

const WATCH_MS = 100;

export const scriptName = ({ nodeId, variant }: Pick<ExecuteInput, 'nodeId' | 'variant'>): string =>
  variant === 'node' ? String(nodeId) : `${nodeId}.${variant}`;

export function fakeScripts(
  outcome: (input: ExecuteInput) => ExecuteResult,
  scriptMs: (nodeId: number) => number,
): FakeScripts {
  const starts: FakeScripts['starts'] = [];
  const ended: string[] = [];
  const running = new Map<string, RunningScript>();
  const stored = new Map<string, ExecuteResult>();

  const start = (input: ExecuteInput, hostId: string): RunningScript => {
    const script = { hostId, endsAt: Date.now() + scriptMs(input.nodeId) };
    starts.push({ script: scriptName(input), hostId });
    running.set(scriptName(input), script);
    return script;
  };

  const executeOn = (hostId: string) => async (input: ExecuteInput) => {
    const name = scriptName(input);
    const known = stored.get(name);
    if (known !== undefined) return known;
    const survivor = running.get(name);
    const here = survivor?.hostId === hostId ? survivor : null;
    if (here === null && input.place === 'here') return { status: 'gone' } as const;
    if (input.ends === true) {
      running.delete(name);
      ended.push(name);
      return { status: 'gone' } as const;
    }
    const script = here ?? start(input, hostId);
    await watch(script, () => {
      running.delete(name);
      ended.push(name);
    });
    running.delete(name);
    const result = outcome(input);
    stored.set(name, result);
    return result;
  };

  const locate: Activities['locate'] = async (input) => ({ hostId: running.get(scriptName(input))?.hostId ?? null });
  return { starts, ended, begin: start, executeOn, locate };
}

/** Returns when the script has ended; leaves it alone unless the run itself ends it. */
async function watch(script: RunningScript, end: () => void): Promise<void> {
  const context = Context.current();
  const place = { hostId: script.hostId, line: 'epoch 1' };
  while (Date.now() < script.endsAt) {
    context.heartbeat(place);
    await sleep(Math.min(WATCH_MS, script.endsAt - Date.now()));
    if (!context.cancellationSignal.aborted) continue;
    if (context.cancellationDetails?.cancelRequested === true) {
      end();
      context.cancellationSignal.throwIfAborted();
    }
    throw detached(script.hostId);
  }
}

/** What `execute` throws when its worker leaves a script to run on. */
export function detached(hostId: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'the script runs on',
    type: FailureType.ScriptDetached,
    details: [{ hostId, line: 'epoch 1' }],
  });
}
