import type { FailureReason } from '../../src/domain/failure-reason';

export type BackEnd = 'bubblewrap' | 'process';
export const BACK_ENDS: readonly BackEnd[] = ['bubblewrap', 'process'];

/** What the scripts are told of the machine they are let loose on: the exact places of what they must not reach. */
export interface Targets {
  /** The worker's own home directory, with a made-up private key in it. */
  readonly home: string;
  readonly coppiceHome: string;
  readonly store: string;
  /** A finished run in the same store. */
  readonly otherRun: string;
  /** The training file in the user's own directory. */
  readonly original: string;
  /** Where the grade worker keeps the withheld labels. */
  readonly answers: string;
  /** Value of OPENAI_API_KEY in the worker's environment. */
  readonly key: string;
  readonly temporalPort: number;
  /** Somebody else's server on this machine. */
  readonly otherPort: number;
}

/** How a script has to end under one back end. */
export interface Outcome {
  /** Null: the script counts as working. */
  readonly reason: FailureReason | null;
  /** For scripts that count what they got at and report it as their score. */
  readonly finds?: 'nothing' | 'something';
  /** For scripts after which the run stands still, naming their node, until somebody resumes it. */
  readonly pauses?: true;
  /** The rest of the table's cell. */
  readonly became: string;
}

export interface HostileScript {
  /** Title of its row. */
  readonly name: string;
  /** The run it takes part in (see `scenes.ts`). */
  readonly scene: 'plain' | 'gigabyte' | 'withheld' | 'small disk' | 'input';
  /** Takes its whole limit: left to the bench by the tests. */
  readonly isSlow?: true;
  readonly code: (targets: Targets) => string;
  readonly outcome: Readonly<Record<BackEnd, Outcome>>;
}

/** The same outcome under every back end. */
export function everywhere(outcome: Outcome): HostileScript['outcome'] {
  return { bubblewrap: outcome, process: outcome };
}

/** Begins every script: `report` writes predictions that fit the sample, and a score. */
const PRELUDE = `import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time


def write_predictions():
    os.makedirs("working", exist_ok=True)
    shutil.copyfile("input/sample_submission.csv", "working/submission.csv")


def report(metric):
    write_predictions()
    with open("working/result.json", "w") as file:
        json.dump({"metric": metric}, file)


print("started", flush=True)
`;

/** What the scripted model answers for a script. */
export function answerWith(script: HostileScript, targets: Targets): string {
  return `Plan: ${script.name}.\n\n\`\`\`python\n${PRELUDE}\n${script.code(targets)}\n\`\`\`\n`;
}

/** A Python literal of a text or a number. */
export function literal(value: string | number): string {
  return JSON.stringify(value);
}
