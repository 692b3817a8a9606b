import OpenAI from 'openai';
import type { ResolvedModel } from '../../domain/resolved-model';
import { DEFAULT_KEY_VARIABLE, baseUrlOf, valueOf, type Environment } from '../endpoint';

/** A way to one server with one key. */
export interface Connection {
  readonly client: OpenAI;
  readonly hostname: string;
  /** Host and port, for people. */
  readonly host: string;
}

const AZURE_DOMAIN = '.azure.com';

/** Opens connections, each once: a key that changes is read when its worker starts anew. */
export function createConnections(environment: Environment): (target: ResolvedModel) => Connection {
  const connections = new Map<string, Connection>();
  return ({ baseUrl, keyVariable }) => {
    const url = baseUrl ?? baseUrlOf(environment);
    const name = `${keyVariable ?? ''} ${url}`;
    const connection = connections.get(name) ?? connect(new URL(url), keyVariable, environment);
    connections.set(name, connection);
    return connection;
  };
}

function connect(url: URL, keyVariable: string | null, environment: Environment): Connection {
  // Servers of one's own often need no key, while the package insists on some text.
  const key = (keyVariable === null ? null : valueOf(environment, keyVariable)) ?? 'none';
  const isDefaultKey = keyVariable === DEFAULT_KEY_VARIABLE;
  const query = Object.fromEntries(url.searchParams);
  const base = new URL(url);
  base.search = '';
  const client = new OpenAI({
    baseURL: base.href.replace(/\/$/, ''),
    apiKey: key,
    adminAPIKey: null,
    organization: isDefaultKey ? valueOf(environment, 'OPENAI_ORG_ID') : null,
    project: isDefaultKey ? valueOf(environment, 'OPENAI_PROJECT_ID') : null,
    // Azure's older deployments have their version in the query.
    defaultQuery: query,
    ...(url.hostname.endsWith(AZURE_DOMAIN) ? { defaultHeaders: { 'api-key': key, authorization: null } } : {}),
    maxRetries: 0,
    // Its log would hold prompts and answers.
    logLevel: 'off',
    fetch: fetchWholeErrors,
  });
  return { client, hostname: url.hostname, host: url.host };
}

/**
 * The package keeps only what stands under `error` of a refusal; servers write elsewhere, too. Here the whole body
 * is put there.
 */
async function fetchWholeErrors(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.ok) return response;
  const text = await response.text();
  const { status, headers } = response;
  const bare = new Headers(headers);
  // They describe a body that is no longer there.
  for (const name of ['content-length', 'content-encoding']) bare.delete(name);
  return new Response(JSON.stringify({ error: parsed(text) }), { status, headers: bare });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
