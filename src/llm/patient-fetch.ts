import { setGlobalDispatcher } from 'undici';
import type { Environment } from './endpoint';
import { createDispatcher } from './proxy-dispatcher';

/**
 * Has this process's `fetch` go by the proxies of the environment, and wait for a model as long as the limits of a call
 * allow: Node's own gives up after five minutes without headers, or between two parts of a body, which models that think
 * for longer do not send. Once, at the start of a worker.
 *
 * @throws ModelProblem when a proxy's address is none
 */
export function waitForSlowModels(environment: Environment): void {
  setGlobalDispatcher(createDispatcher(environment, { headersTimeout: 0, bodyTimeout: 0 }));
}
