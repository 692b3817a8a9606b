import { execFile, spawn } from 'node:child_process';
import { accessSync, appendFileSync, constants, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

const KEPT_OUTPUT = 200_000;

/**
 * Where a command lies on PATH; a name with a slash is taken as a path.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | undefined}
 */
export function findCommand(name, environment) {
  const places = name.includes('/')
    ? [path.resolve(name)]
    : (environment.PATH ?? '').split(path.delimiter).map((directory) => path.join(directory || '.', name));
  return places.find(isExecutable);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Asks a tool something short.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<string | undefined>} its standard output; undefined when it fails or takes over 30 seconds
 */
export function ask(command, args, environment) {
  return new Promise((resolve) => {
    execFile(command, args, { env: environment, timeout: 30_000 }, (error, stdout) =>
      resolve(error ? undefined : stdout.trim()),
    );
  });
}

/**
 * Runs a tool with its output in the log; never throws for its failure.
 * @param {import('./context.mjs').Context} context
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [extra] environment variables in addition
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runTool(context, command, args, extra = {}) {
  mkdirSync(path.dirname(context.log), { recursive: true });
  appendFileSync(context.log, `\n$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: context.checkout,
      env: { ...context.environment, ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      try {
        appendFileSync(context.log, chunk);
      } catch (error) {
        child.kill();
        reject(error);
      }
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ ok: false, output: `${output}\n${error.message}` }));
    child.on('close', (code, signal) => {
      process.off('exit', endWithUs);
      const end = signal === null ? '' : `\nended by ${signal}`;
      resolve({ ok: code === 0, output: output + end });
    });
  });
}
