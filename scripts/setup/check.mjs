import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { findPython } from './python-candidates.mjs';
import { SetupFailure } from './failure.mjs';
import { steps } from './steps.mjs';

const LITTLE_SPACE = 2 * 1024 ** 3;

/** @typedef {{ name: string, ok: boolean, level: 'ok' | 'warn' | 'fail', detail: string, fix: string | null }} Row */

/**
 * Looks at everything and changes nothing.
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<Row[]>}
 */
export async function check(context) {
  const rows = [];
  for (const step of steps) {
    if (step.name === 'Python environment') rows.push(await pythonRow(context));
    rows.push(await stepRow(context, step));
  }
  return [...rows, spaceRow(context)];
}

/** @param {import('./context.mjs').Context} context @param {import('./steps.mjs').Step} step @returns {Promise<Row>} */
async function stepRow(context, step) {
  try {
    const { ready, detail, fix } = await step.inspect(context, { deep: true });
    return { name: step.name, ok: ready, level: ready ? 'ok' : 'fail', detail, fix: fix ?? null };
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return { name: step.name, ok: false, level: 'fail', detail: error.message, fix: null };
  }
}

/** @param {import('./context.mjs').Context} context @returns {Promise<Row>} */
async function pythonRow(context) {
  const name = 'Python';
  try {
    const { version, command } = await findPython(context.environment);
    return { name, ok: true, level: 'ok', detail: `${version} (${command})`, fix: null };
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return { name, ok: false, level: 'fail', detail: error.message, fix: null };
  }
}

/** @param {import('./context.mjs').Context} context @returns {Row} */
function spaceRow(context) {
  let place = context.home;
  while (!existsSync(place)) place = path.dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${context.home}`;
  const ok = free >= LITTLE_SPACE;
  const fix = ok ? null : 'Free some space, or put COPPICE_HOME and COPPICE_STORE on a larger disk.';
  return { name: 'disk space', ok, level: ok ? 'ok' : 'warn', detail, fix };
}
