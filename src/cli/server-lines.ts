import type { ServerDescription } from '../server/server-description';

/** Where the embedded server and what belongs to it are. */
export function serverLines(server: ServerDescription): string[] {
  return [
    `server     ${server.address}`,
    `web UI     ${server.uiUrl}`,
    `temporal   ${server.temporalCli} (add --address ${server.address})`,
  ];
}
