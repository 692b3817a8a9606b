import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const PACKAGE_DIRECTORY = path.resolve(__dirname, '..', '..', '..');

/** The Python of the checkout's own environment, as set up by `npm run setup`. */
export function environmentPython(): string {
  const home = path.resolve(process.env['COPPICE_HOME'] ?? path.join(PACKAGE_DIRECTORY, '.coppice'));
  const text = readFileSync(path.join(home, 'setup.json'), 'utf8');
  return z.object({ python: z.string() }).parse(JSON.parse(text)).python;
}

export interface ScriptRun {
  readonly exitCode: number | null;
  readonly metric: number | null;
  readonly output: string;
  /** Text of the submission, or null when none was written. */
  readonly submission: string | null;
}

/** On small tables threads wait for each other longer than they work, the more so on a busy machine. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } as const;

const resultSchema = z.object({ metric: z.number() });

/** Runs a script in a new directory that holds nothing else but `input`. */
export async function runScript(code: string, inputDirectory: string, directory: string): Promise<ScriptRun> {
  mkdirSync(directory, { recursive: true });
  symlinkSync(inputDirectory, path.join(directory, 'input'));
  writeFileSync(path.join(directory, 'solution.py'), code);
  const { exitCode, output } = await runPython(['solution.py'], directory);
  const read = (name: string): string | null => {
    const file = path.join(directory, 'working', name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  };
  const result = read('result.json');
  const metric = result === null ? null : resultSchema.parse(JSON.parse(result)).metric;
  return { exitCode, metric: exitCode === 0 ? metric : null, output, submission: read('submission.csv') };
}

export async function runPython(
  words: readonly string[],
  directory: string,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const env = { ...process.env, ...ONE_THREAD };
  const child = spawn(environmentPython(), words, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { exitCode, output: Buffer.concat(chunks).toString('utf8') };
}

/**
 * The same script with few trees and rounds: it takes every line that the script takes, in a fraction of the time. Its
 * score says nothing.
 */
export function hurried(code: string): string {
  return code.replaceAll(/\b(n_estimators|max_iter)=\d{2,}/g, '$1=5');
}

/** Runs every `solution.py` below the working directory where it lies, in one process: imports take most of the time. */
const DRIVER = `
import json, os, runpy, traceback
base = os.getcwd()
outcomes = {}
for name in sorted(os.listdir(base)):
    os.chdir(os.path.join(base, name))
    try:
        runpy.run_path("solution.py", run_name="__main__")
        with open("working/result.json") as file:
            outcomes[name] = json.load(file)["metric"]
    except BaseException:
        outcomes[name] = traceback.format_exc()
with open(os.path.join(base, "outcomes.json"), "w") as file:
    json.dump(outcomes, file)
`;

/**
 * Runs scripts one after another, each in a directory of its own, with warnings of coming changes in libraries as
 * errors. The outcome of each is its score, or the traceback.
 */
export async function runTogether(
  scripts: Readonly<Record<string, { readonly code: string; readonly inputDirectory: string }>>,
  directory: string,
): Promise<Record<string, number | string>> {
  for (const [name, { code, inputDirectory }] of Object.entries(scripts)) {
    mkdirSync(path.join(directory, name), { recursive: true });
    symlinkSync(inputDirectory, path.join(directory, name, 'input'));
    writeFileSync(path.join(directory, name, 'solution.py'), code);
  }
  const strict = ['-W', 'error::FutureWarning', '-W', 'error::DeprecationWarning'];
  const { exitCode, output } = await runPython([...strict, '-c', DRIVER], directory);
  if (exitCode !== 0) throw new Error(output.slice(-2000));
  const text = readFileSync(path.join(directory, 'outcomes.json'), 'utf8');
  return z.record(z.string(), z.union([z.number(), z.string()])).parse(JSON.parse(text));
}
