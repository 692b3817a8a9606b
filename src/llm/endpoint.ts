/** Environment variables of a process, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Holds the key of models that name no other variable. */
export const DEFAULT_KEY_VARIABLE = 'OPENAI_API_KEY';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** The variable's value without surrounding blanks; null when it is unset or empty. */
export function valueOf(environment: Environment, name: string): string | null {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

/** Base URL of models that name none: OPENAI_BASE_URL, else OpenAI's own. */
export function baseUrlOf(environment: Environment): string {
  return valueOf(environment, 'OPENAI_BASE_URL') ?? DEFAULT_BASE_URL;
}

/** Whether this process was given a way to reach models that name no base URL. */
export function hasModelAccess(environment: Environment): boolean {
  return valueOf(environment, 'OPENAI_API_KEY') !== null || valueOf(environment, 'OPENAI_BASE_URL') !== null;
}

/**
 * Name of the endpoint of models that name no base URL, after which its model task queue is named.
 *
 * @throws Error when OPENAI_BASE_URL is not an http or https URL
 */
export function endpointOf(environment: Environment): string {
  const name = endpointName(baseUrlOf(environment));
  // The URL itself is not repeated: it may hold a password.
  if (name === null) {
    throw new Error('OPENAI_BASE_URL is not an http or https URL: give one such as http://localhost:8080/v1');
  }
  return name;
}

/**
 * Name of the endpoint with this base URL: its host, and its path unless that is the usual `/v1`. Null when it is not an
 * http or https URL.
 */
export function endpointName(baseUrl: string): string | null {
  if (!URL.canParse(baseUrl)) return null;
  const { protocol, host, pathname } = new URL(baseUrl);
  if (!/^https?:$/.test(protocol)) return null;
  const place = pathname.replace(/\/+$/, '');
  return `${host}${place === '/v1' ? '' : place}`.replace(/[^A-Za-z0-9.-]/g, '-');
}
