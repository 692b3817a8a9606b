import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { valueOf, type Environment } from './endpoint';
import { ModelProblem } from './models/model-problem';

/** What a proxy cannot reach in place of this machine, so that it is never asked to. */
const OWN_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/** Name of the warning of undici's about an agent whose interface may change; the version is pinned here. */
const EXPERIMENTAL = 'UNDICI-EHPA';

export interface DispatcherOptions {
  /** Longest wait for an answer's headers, and between two parts of its body, in milliseconds; 0: no limit. */
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

/**
 * What sends HTTP requests of this process as its environment says: by HTTPS_PROXY and HTTP_PROXY, in either case, but
 * directly to hosts of NO_PROXY (with all below them) and to this machine itself. Without an HTTPS_PROXY the other one
 * serves https as well. Certificates that NODE_EXTRA_CA_CERTS adds are trusted by
 * Node itself.
 *
 * @throws ModelProblem when a proxy's address is none
 */
export function createDispatcher(environment: Environment, options: DispatcherOptions): Dispatcher {
  const httpProxy = proxyOf(environment, 'http_proxy');
  const httpsProxy = proxyOf(environment, 'https_proxy');
  if (httpProxy === null && httpsProxy === null) return new Agent({ ...options });
  const direct = [...noProxy(environment), ...OWN_MACHINE].join(',');
  return withoutItsWarning(
    () =>
      new EnvHttpProxyAgent({ ...options, httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy: direct }),
  );
}

function proxyOf(environment: Environment, name: string): string | null {
  const value = lowerOrUpper(environment, name);
  if (value === null) return null;
  // A bare host and port is what curl takes, too.
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  // The value itself is not repeated: it may hold a password.
  throw new ModelProblem(`${name.toUpperCase()} is not the address of a proxy: give one such as http://proxy:3128`);
}

/** A host's name stands for all below it, too, as other programs take it. */
function noProxy(environment: Environment): string[] {
  const entries = (lowerOrUpper(environment, 'no_proxy') ?? '').split(/[,\s]+/).filter((entry) => entry !== '');
  return entries.flatMap((entry) => (/^[.*[\d]/.test(entry) ? [entry] : [entry, `.${entry}`]));
}

function lowerOrUpper(environment: Environment, name: string): string | null {
  return valueOf(environment, name) ?? valueOf(environment, name.toUpperCase());
}

function withoutItsWarning<Made>(make: () => Made): Made {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (...warning: unknown[]): void => {
    const [, details] = warning;
    const isAboutIt =
      typeof details === 'object' && details !== null && 'code' in details && details.code === EXPERIMENTAL;
    if (!isAboutIt) Reflect.apply(emitWarning, process, warning);
  };
  try {
    return make();
  } finally {
    process.emitWarning = emitWarning;
  }
}
