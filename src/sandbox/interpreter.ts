import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const IDENTITY = `
import json, os, platform, sys
print(json.dumps({
    "version": platform.python_version(),
    "platform": "-".join([sys.implementation.cache_tag, sys.platform, platform.machine()]),
    "base": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
}))
`;

const PACKAGES = `
import json
from importlib.metadata import distributions
print(json.dumps({d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}))
`;

const identitySchema = z.object({
  version: z.string(),
  /** Implementation with its version, system and processor: what compiled packages have to fit. */
  platform: z.string(),
  /** The interpreter that an environment was made from; of an interpreter without one, itself. */
  base: z.string(),
});
export type InterpreterIdentity = z.infer<typeof identitySchema>;

/** Longest that an interpreter may take to answer, in milliseconds; the first start from a cold disk is slow. */
const ANSWER_MS = 60_000;

/**
 * Starts an interpreter and asks what it is.
 *
 * @throws the error of the process when it does not start; a SyntaxError or ZodError when it answers as no Python does
 */
export async function readInterpreter(pythonPath: string): Promise<InterpreterIdentity> {
  return identitySchema.parse(await ask(pythonPath, ['-I', '-S', '-c', IDENTITY]));
}

/**
 * The packages that an interpreter's scripts can import, with their versions.
 *
 * @throws as `readInterpreter`
 */
export async function readPackages(pythonPath: string): Promise<Readonly<Record<string, string>>> {
  return z.record(z.string(), z.string()).parse(await ask(pythonPath, ['-I', '-c', PACKAGES]));
}

async function ask(pythonPath: string, words: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(pythonPath, words, { timeout: ANSWER_MS });
  return JSON.parse(stdout);
}
