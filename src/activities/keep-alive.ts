import type { Context } from '@temporalio/activity';

const INTERVAL_MS = 2000;

/**
 * Runs a step and meanwhile tells Temporal every two seconds that it is alive, whatever the step waits for; also what
 * brings a cancellation to it.
 */
export async function keepAlive<Result>(context: Context, step: () => Promise<Result>): Promise<Result> {
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), INTERVAL_MS);
  try {
    return await step();
  } finally {
    clearInterval(timer);
  }
}
