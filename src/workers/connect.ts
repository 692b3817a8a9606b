import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { ensureServer } from '../server/embedded-server';
import { NAMESPACE } from '../server/health';
import { readServer } from '../server/server-description';
import type { ServerDescription } from '../server/server-description';
import { ServerError } from '../server/server-error';
import type { Settings } from './settings';

/** Longest wait for a first connection, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** How to reach a Temporal server; the options fit clients and workers alike. */
export interface ResolvedConnection {
  readonly address: string;
  readonly namespace: string;
  /** The embedded server this connection leads to; null when it is a server that somebody else runs. */
  readonly server: ServerDescription | null;
  readonly embedded: boolean;
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
}

export interface ConnectionWish {
  readonly settings: Settings;
  /** Address of another server, as given to `--address`. */
  readonly address?: string;
}

export interface OpenClient {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/**
 * Another server when an address, TEMPORAL_ADDRESS or TEMPORAL_PROFILE says so, found as the `temporal` command does
 * it; else the embedded one, which is started when needed.
 *
 * @throws ServerError when the embedded server cannot be had or the other one's configuration is wrong.
 */
export async function resolveConnection(wish: ConnectionWish): Promise<ResolvedConnection> {
  const { home, environment } = wish.settings;
  return otherServer(wish) ?? embedded(await ensureServer({ home, environment, startedBy: 'demand' }));
}

/** Like {@link resolveConnection}, but starts nothing: null when the embedded server does not run. */
export async function findConnection(wish: ConnectionWish): Promise<ResolvedConnection | null> {
  const other = otherServer(wish);
  if (other !== null) return other;
  const server = await readServer(wish.settings.home);
  return server === null ? null : embedded(server);
}

/** @throws ServerError `unreachable` when nothing answers there within ten seconds. */
export async function openClient(resolved: ResolvedConnection): Promise<OpenClient> {
  const connection = await Connection.connect({
    ...resolved.connectionOptions,
    // The embedded server is on this machine, where no proxy of the environment leads.
    ...(resolved.embedded ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {}),
    connectTimeout: CONNECT_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw unreachable(resolved, error);
  });
  return {
    client: new Client({ connection, namespace: resolved.namespace }),
    close: () => connection.close(),
  };
}

/** The error for a server that does not answer, with what to check. */
export function unreachable(resolved: ResolvedConnection, cause: unknown): ServerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = resolved.embedded
    ? 'See `coppice server` and the logs of COPPICE_HOME.'
    : 'Check that it runs, and TEMPORAL_ADDRESS, TEMPORAL_PROFILE and --address; ' +
      'without any of them coppice uses a server of its own.';
  return new ServerError(
    'unreachable',
    `The Temporal server at ${resolved.address} cannot be reached (${reason}). ${advice}`,
    { cause },
  );
}

function embedded(server: ServerDescription): ResolvedConnection {
  return {
    address: server.address,
    namespace: NAMESPACE,
    server,
    embedded: true,
    connectionOptions: { address: server.address },
  };
}

function otherServer({ settings, address }: ConnectionWish): ResolvedConnection | null {
  const environment = definedOnly({ ...settings.environment, ...(address && { TEMPORAL_ADDRESS: address }) });
  if (!environment['TEMPORAL_ADDRESS'] && !environment['TEMPORAL_PROFILE']) return null;
  const { connectionOptions, namespace } = loadConfiguration(environment);
  return {
    address: connectionOptions.address ?? 'localhost:7233',
    namespace: namespace ?? NAMESPACE,
    server: null,
    embedded: false,
    connectionOptions,
  };
}

function loadConfiguration(environment: Record<string, string>): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: environment });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerError(
      'unreachable',
      `The Temporal configuration cannot be read (${reason}). Check TEMPORAL_PROFILE and the configuration file.`,
      { cause: error },
    );
  }
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  );
}
