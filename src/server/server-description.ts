import { rm, stat, utimes } from 'node:fs/promises';
import { z } from 'zod';
import { isSameProcess } from '../sandbox/process-identity';
import { hasCode } from './error-code';
import { readRecord, writeRecord } from './json-record';
import { serverFiles } from './server-files';

export const processIdentitySchema = z.object({
  pid: z.int().min(1),
  startTime: z.string(),
  bootId: z.string(),
});

/** `server.json`. `pid`, `startTime` and `bootId` name the server's own process. */
const serverDescriptionSchema = processIdentitySchema.extend({
  /** Only a `ready` server may be used; the others are what a killed starter or stopper left behind. */
  state: z.enum(['starting', 'ready', 'stopping']),
  address: z.string(),
  port: z.int(),
  uiUrl: z.string(),
  /** The process that watches over the server; null while it starts. */
  keeper: processIdentitySchema.nullable(),
  /** The `temporal` command that fits the server. */
  temporalCli: z.string(),
  temporalVersion: z.string(),
  /** A server started on demand goes by itself when nobody uses it; one started by command stays. */
  startedBy: z.enum(['demand', 'command']),
  startedAt: z.string(),
});
export type ServerDescription = z.infer<typeof serverDescriptionSchema>;
export type StartedBy = ServerDescription['startedBy'];

/** What `server.json` says, whether or not that server is still alive. */
export async function readDescription(home: string): Promise<ServerDescription | null> {
  return readRecord(serverFiles(home).description, serverDescriptionSchema);
}

export async function writeDescription(home: string, description: ServerDescription): Promise<void> {
  await writeRecord(serverFiles(home).description, description);
}

export async function removeDescription(home: string): Promise<void> {
  await rm(serverFiles(home).description, { force: true });
}

/** The embedded server of `home` that can be used now; null when there is none. Starts nothing. */
export async function readServer(home: string): Promise<ServerDescription | null> {
  const description = await readDescription(home);
  return description !== null && description.state === 'ready' && (await isSameProcess(description))
    ? description
    : null;
}

/** Tells the keeper that somebody is about to use the server. */
export async function noteUse(home: string): Promise<void> {
  const now = new Date();
  await utimes(serverFiles(home).description, now, now).catch(ignoreAbsence);
}

/** When somebody last asked for the server, in milliseconds since the epoch. */
export async function lastAskedFor(home: string): Promise<number> {
  const stats = await stat(serverFiles(home).description).catch(ignoreAbsence);
  return stats?.mtimeMs ?? 0;
}

function ignoreAbsence(error: unknown): undefined {
  if (hasCode(error, 'ENOENT')) return undefined;
  throw error;
}
