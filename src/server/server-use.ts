import type { TcpSocket } from './tcp-sockets';

/**
 * Tells from one look at the sockets to the next whether somebody other than the server and its keeper uses the
 * server: by a connection that stands, or by one that came and went since the last look (on systems that show closed
 * connections for a while). The first look counts no closed ones, since nothing is known of them.
 */
export function createUseDetector(serverPid: number, keeperPid: number): (sockets: readonly TcpSocket[]) => boolean {
  let known: ReadonlySet<string> | null = null;
  return (sockets) => {
    const ports = new Set(
      sockets.flatMap((socket) =>
        socket.state === 'listening' && socket.owner === serverPid ? [socket.localPort] : [],
      ),
    );
    const connections = sockets.filter(
      (socket) => socket.state !== 'listening' && (ports.has(socket.localPort) || ports.has(socket.remotePort)),
    );
    const insiders = new Set(
      connections.flatMap((socket) =>
        ports.has(socket.remotePort) && (socket.owner === serverPid || socket.owner === keeperPid)
          ? [connectionKey(socket, ports)]
          : [],
      ),
    );
    const isUsed = connections.some((socket) => {
      const key = connectionKey(socket, ports);
      if (socket.state === 'closing') return known !== null && !known.has(key);
      return ports.has(socket.localPort) && socket.owner === serverPid && !insiders.has(key);
    });
    known = new Set(connections.map((socket) => connectionKey(socket, ports)));
    return isUsed;
  };
}

/** The same for both ends of a connection. */
function connectionKey(socket: TcpSocket, serverPorts: ReadonlySet<number>): string {
  const [server, client] = serverPorts.has(socket.localPort)
    ? [socket.localPort, socket.remotePort]
    : [socket.remotePort, socket.localPort];
  return `${client}>${server}`;
}
