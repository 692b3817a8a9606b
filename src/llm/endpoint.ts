import type { ResolvedModels } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';

/** Environment variables of a process, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type ModelResolution =
  { readonly ok: true; readonly models: ResolvedModels } | { readonly ok: false; readonly message: string };

/** Endpoint and model name of the offline model. */
export const OFFLINE = 'offline';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
const ROLES = ['draft', 'improve', 'debug', 'review'] as const;

/**
 * Settles once, at the start of a run, which model does what. A role's own name in the spec wins, then the spec's
 * default, then COPPICE_MODEL; only when none of them names a model does the offline model work. A role is never given
 * a model that was named for another one.
 */
export function resolveModels(models: RunSpec['models'], environment: Environment): ModelResolution {
  const fallback = models.default ?? valueOf(environment, 'COPPICE_MODEL');
  const names = ROLES.map((role) => models[role] ?? fallback ?? null);
  if (names.every((name) => name === null || name === OFFLINE))
    return { ok: true, models: namedModels(OFFLINE, names) };

  const unnamed = ROLES.filter((_role, index) => names[index] === null);
  if (unnamed.length > 0) {
    return problem(`no model is named for ${unnamed.join(', ')}: name one for all roles with --model or COPPICE_MODEL`);
  }
  if (names.includes(OFFLINE)) {
    return problem('the offline model works only alone: name it for every role or for none');
  }
  if (!hasModelAccess(environment)) {
    return problem(
      `model "${names[0] ?? ''}" is named but there is no way to reach it: set OPENAI_API_KEY (and OPENAI_BASE_URL for ` +
        'a server other than api.openai.com), or name no model to use the offline one',
    );
  }
  const address = parseBaseUrl(environment);
  if (address === null) return problem(BAD_BASE_URL);
  return { ok: true, models: namedModels(endpointName(address), names) };
}

/**
 * Name of the endpoint that this process reaches, after which its model task queue is named.
 *
 * @throws Error when OPENAI_BASE_URL is not an http or https URL
 */
export function endpointOf(environment: Environment): string {
  const address = parseBaseUrl(environment);
  if (address === null) throw new Error(BAD_BASE_URL);
  return endpointName(address);
}

/** Whether this process was given a way to reach a model server. */
export function hasModelAccess(environment: Environment): boolean {
  return valueOf(environment, 'OPENAI_API_KEY') !== null || valueOf(environment, 'OPENAI_BASE_URL') !== null;
}

/** Base URL of the model server: OPENAI_BASE_URL, else OpenAI's own. */
export function baseUrlOf(environment: Environment): string {
  return valueOf(environment, 'OPENAI_BASE_URL') ?? DEFAULT_BASE_URL;
}

/** The variable's value without surrounding blanks; null when it is unset or empty. */
export function valueOf(environment: Environment, name: string): string | null {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

// The URL itself is not repeated: it may hold a password.
const BAD_BASE_URL = 'OPENAI_BASE_URL is not an http or https URL: give one such as http://localhost:8080/v1';

function problem(message: string): ModelResolution {
  return { ok: false, message };
}

function parseBaseUrl(environment: Environment): URL | null {
  const text = baseUrlOf(environment);
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

function endpointName(address: URL): string {
  return address.host.replace(/[^A-Za-z0-9.-]/g, '-');
}

function namedModels(endpoint: string, names: readonly (string | null)[]): ResolvedModels {
  const [draft, improve, debug, review] = names.map((name) => name ?? OFFLINE);
  return {
    endpoint,
    draft: draft ?? OFFLINE,
    improve: improve ?? OFFLINE,
    debug: debug ?? OFFLINE,
    review: review ?? OFFLINE,
  };
}
