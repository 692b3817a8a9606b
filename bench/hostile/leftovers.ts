import { readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { processFileSchema } from '../../src/domain/node-record';
import { listProcesses, startedWith } from '../../src/sandbox/process-table';
import { ATTEMPT_VARIABLE } from '../../src/sandbox/process-tree';
import type { Scene } from '../../test/recovery/scene';
import { DAEMON_MARK } from './endless-scripts';

/** What the scripts of a run have left on this machine, one line each; empty when nothing is left. */
export async function leftoversOf(scene: Scene, runId: string, mountsBefore: readonly string[]): Promise<string[]> {
  const work = path.join(scene.place.home, 'work');
  const mounts = (await readMounts()).filter((mount) => !mountsBefore.includes(mount));
  return [
    ...(await processesOf(work, await tokensOf(scene, runId))),
    ...mounts.map((mount) => `mount ${mount}`),
    ...(await attemptsBelow(path.join(work, runId))).map((name) => `directory ${name}`),
  ];
}

export async function readMounts(): Promise<string[]> {
  return (await readFile('/proc/self/mounts', 'utf8')).trim().split('\n');
}

/** Tokens of the attempts that counted: all that a script started with them carries them in its environment. */
async function tokensOf(scene: Scene, runId: string): Promise<string[]> {
  const ids = await readdir(scene.place.file(`${runId}/nodes`)).catch(() => []);
  const files = await Promise.all(ids.map((id) => scene.place.read(`${runId}/nodes/${id}/process.json`)));
  return files.flatMap((text) => (text === null ? [] : [processFileSchema.parse(JSON.parse(text)).token]));
}

async function processesOf(work: string, tokens: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const { pid } of await listProcesses()) {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    const isByPlace = command.includes(`${work}/`) || directory.startsWith(`${work}/`);
    const isByToken = await hasToken(pid, tokens);
    if (isByPlace || isByToken || command.includes(DAEMON_MARK)) found.push(`process ${pid}: ${command}`);
  }
  return found;
}

async function hasToken(pid: number, tokens: readonly string[]): Promise<boolean> {
  for (const token of tokens) {
    if (await startedWith(pid, `${ATTEMPT_VARIABLE}=${token}`)) return true;
  }
  return false;
}

/** The host's copy of the input stays as long as the run does. */
async function attemptsBelow(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => /^\d/.test(name)).map((name) => path.join(directory, name));
}
