import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { PROJECT } from './compose-file';

const LOWEST_PORT = 12_000;

/** The server writes its ports into columns of two bytes with a sign. */
const HIGHEST_PORT = 32_768;

/** The ports of the containers, each with a free one of this machine, and the server's others, which stay in its own. */
export interface Ports {
  readonly postgresql: number;
  readonly frontend: number;
  readonly http: number;
  readonly ui: number;
  /** Variables that move the server's inner ports out of the way of another server on this machine. */
  readonly inner: Readonly<Record<string, string>>;
}

const INNER_PORTS = [
  'FRONTEND_MEMBERSHIP_PORT',
  'HISTORY_GRPC_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'MATCHING_GRPC_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'WORKER_GRPC_PORT',
  'WORKER_MEMBERSHIP_PORT',
] as const;

export async function findPorts(): Promise<Ports> {
  const [postgresql = 0, frontend = 0, http = 0, ui = 0, ...inner] = await freePorts(4 + INNER_PORTS.length);
  return {
    ...{ postgresql, frontend, http, ui },
    inner: {
      FRONTEND_GRPC_PORT: String(frontend),
      FRONTEND_HTTP_PORT: String(http),
      ...Object.fromEntries(INNER_PORTS.map((name, index) => [name, String(inner[index])])),
    },
  };
}

/**
 * What a word of the Compose file is on this machine: the names of its network, its ports, and the places in its images.
 * Everything else is used as it stands.
 *
 * @param root stands for the volumes and the images' own directories
 */
export function outsideDocker(word: string, ports: Ports, root: string): string {
  const replacements: readonly (readonly [RegExp, string])[] = [
    [/^postgresql$/, '127.0.0.1'],
    [/^5432$/, String(ports.postgresql)],
    [/^temporal:7233$/, `127.0.0.1:${ports.frontend}`],
    [/^http:\/\/127\.0\.0\.1:7243\//, `http://127.0.0.1:${ports.http}/`],
    [/^http:\/\/127\.0\.0\.1:8080\//, `http://127.0.0.1:${ports.ui}/`],
    [/^8080$/, String(ports.ui)],
    [/^\/deploy\//, `${path.join(PROJECT, 'deploy')}/`],
    [/^\/app\//, `${PROJECT}/`],
    [/^\/srv\/coppice\//, `${path.join(root, 'coppice')}/`],
    [/^\/tasks\b/, path.join(root, 'tasks')],
  ];
  return replacements.reduce((text, [pattern, here]) => text.replace(pattern, here), word);
}

/** All held at once while they are looked for, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = await listeningOn(randomInt(LOWEST_PORT, HIGHEST_PORT));
    if (server !== null) servers.push(server);
  }
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Null when the port is taken. */
async function listeningOn(port: number): Promise<Server | null> {
  const server = createServer().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => server,
    () => null,
  );
}
