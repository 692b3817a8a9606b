import { Agent, setGlobalDispatcher } from 'undici';

/**
 * Lets this process wait for a model as long as the limits of a call allow: Node's own `fetch` gives up after five
 * minutes without headers, or between two parts of a body, which models that think for longer do not send. Once, at the
 * start of a worker.
 */
export function waitForSlowModels(): void {
  setGlobalDispatcher(new Agent({ headersTimeout: 0, bodyTimeout: 0 }));
}
