import { Agent, setGlobalDispatcher } from 'undici';
import { CALL_TIMEOUT_MS } from './openai-model';

/**
 * Lets this process wait as long for a model as a call may take: Node's own `fetch` gives up after five minutes
 * without headers, which models that think for longer do not send. Once, at the start of a worker.
 */
export function waitForSlowModels(): void {
  setGlobalDispatcher(new Agent({ headersTimeout: CALL_TIMEOUT_MS, bodyTimeout: CALL_TIMEOUT_MS }));
}
