import path from 'node:path';

/** Where the embedded server of one COPPICE_HOME keeps its things. */
export interface ServerFiles {
  /** Which server there is; its modification time is when a process of coppice last asked for it. */
  readonly description: string;
  /** Directory that exists while a process starts, adopts or stops the server. */
  readonly lock: string;
  /** Which server was last seen alive; its modification time is when. */
  readonly alive: string;
  readonly downtime: string;
  readonly serverLog: string;
  readonly keeperLog: string;
}

export function serverFiles(home: string): ServerFiles {
  return {
    description: path.join(home, 'server.json'),
    lock: path.join(home, 'server.lock'),
    alive: path.join(home, 'server-alive.json'),
    downtime: path.join(home, 'downtime.json'),
    serverLog: path.join(home, 'logs', 'server.log'),
    keeperLog: path.join(home, 'logs', 'keeper.log'),
  };
}

/** The server cannot migrate its database between versions of the CLI, so each has a file of its own. */
export function databaseFile(home: string, temporalVersion: string): string {
  return path.join(home, `temporal-${temporalVersion}.db`);
}
