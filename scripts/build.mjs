/** `npm run build`: makes lib anew, as the set-up does when the sources have changed. */
import path from 'node:path';
import { buildStep } from './setup/build-step.mjs';
import { readContext } from './setup/context.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { takeLock } from './setup/lock.mjs';

const context = readContext();
const lock = path.join(context.checkout, '.setup.lock');
await takeLock(lock, (pid) =>
  process.stderr.write(`waiting for the set-up of process ${pid} to end (its lock: ${lock})\n`),
);
try {
  await buildStep.make(context, { ready: false, detail: '' });
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  process.stderr.write(`${error.tail}\n\n${error.message}\n`);
  process.exitCode = 1;
}
