/**
 * Everything coppice needs, from a fresh clone on: run by `npm run setup`, `npm start` and `npm test` before any package
 * is installed, so it uses nothing but Node. What is already right is skipped.
 *
 *   node scripts/setup.mjs                    sets up; progress goes to standard error
 *   node scripts/setup.mjs --check [--json]   only looks, changes nothing; exit code 1 when something is wrong
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { check } from './setup/check.mjs';
import { readContext } from './setup/context.mjs';
import { SetupFailure, adviceFor } from './setup/failure.mjs';
import { writeFacts } from './setup/facts.mjs';
import { takeLock } from './setup/lock.mjs';
import { steps } from './setup/steps.mjs';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** @param {import('./setup/context.mjs').Context} context */
async function setUp(context) {
  if (await allReady(context)) return;
  const locks = [path.join(context.checkout, '.setup.lock'), path.join(context.home, 'setup.lock')];
  const releases = [];
  for (const lock of locks) {
    releases.push(
      await takeLock(lock, (pid) => say(`  waiting for the set-up of process ${pid} to end (its lock: ${lock})`)),
    );
  }
  rmSync(context.log, { force: true });
  for (const step of steps) await takeStep(context, step);
  writeFacts(context);
  for (const release of releases.reverse()) release();
}

/** @param {import('./setup/context.mjs').Context} context @returns {Promise<boolean>} */
async function allReady(context) {
  const lines = [];
  for (const step of steps) {
    const begin = performance.now();
    const state = await step.inspect(context, { deep: false });
    if (!state.ready) return false;
    lines.push(line(step.name, 'skipped', state.detail, begin));
  }
  lines.forEach(say);
  writeFacts(context);
  return true;
}

/** @param {import('./setup/context.mjs').Context} context @param {import('./setup/steps.mjs').Step} step */
async function takeStep(context, step) {
  const begin = performance.now();
  const state = await step.inspect(context, { deep: false });
  if (state.ready) return say(line(step.name, 'skipped', state.detail, begin));
  say(`  ${step.name.padEnd(20)} ...      ${state.detail}`);
  await step.make(context, state);
  const { detail } = await step.inspect(context, { deep: false });
  say(line(step.name, 'done', detail, begin));
}

/** @param {string} name @param {string} outcome @param {string} detail @param {number} begin */
function line(name, outcome, detail, begin) {
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  return `  ${name.padEnd(20)} ${outcome.padEnd(8)} ${`${seconds} s`.padStart(7)}   ${detail}`;
}

/** @param {unknown} error @param {import('./setup/context.mjs').Context} context */
function explain(error, context) {
  if (error instanceof SetupFailure) return error;
  const text =
    error instanceof Error ? `${/** @type {NodeJS.ErrnoException} */ (error).code ?? ''} ${error.message}` : '';
  const advice = adviceFor(text);
  if (advice === undefined) throw error;
  return new SetupFailure(
    `Setting up in ${context.checkout} (COPPICE_HOME ${context.home}) failed: ${text.trim()}. ${advice}`,
  );
}

async function main() {
  const context = readContext();
  const wanted = process.argv.slice(2);
  if (wanted.includes('--check')) {
    const rows = await check(context);
    const text = wanted.includes('--json')
      ? JSON.stringify(rows, null, 2)
      : rows
          .map((row) => `${row.level.padEnd(5)} ${row.name.padEnd(20)} ${[row.detail, row.fix ?? ''].join(' ').trim()}`)
          .join('\n');
    process.stdout.write(`${text}\n`);
    process.exitCode = rows.some((row) => row.level === 'fail') ? 1 : 0;
    return;
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGHUP'])) process.on(signal, () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  say('Setting coppice up:');
  try {
    mkdirSync(context.home, { recursive: true });
    await setUp(context);
  } catch (error) {
    const failure = explain(error, context);
    if (failure.tail !== '') say(failure.tail.replace(/^/gm, '    | '));
    say(`\nSet-up failed. ${failure.message}`);
    process.exitCode = 1;
  }
}

await main();
