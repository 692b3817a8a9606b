import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { CoppiceProcess } from '../helpers/coppice-process';
import type { Scene } from './scene';
import { soon } from './scene';

const executionsSchema = z.array(z.object({ status: z.string() }));

/** A worker that takes the scene's server for somebody else's, and so does not start it again when it is gone. */
export async function workerOfForeignServer(scene: Scene): Promise<CoppiceProcess> {
  const { address } = await serverOf(scene);
  const worker = scene.place.coppice(['worker', '--slots', '1', '--address', address]);
  await worker.waitFor(/warnings in/);
  return worker;
}

/** Kills the server and starts it again at the same port after that time. */
export async function keepServerAway(scene: Scene, awayMs: number): Promise<void> {
  const { port } = await serverOf(scene);
  await scene.place.killServer();
  await sleep(awayMs);
  const { exitCode, stderr } = await scene.place.run(['server', '--port', String(port)]);
  if (exitCode !== 0) throw new Error(`the server does not come back: ${stderr}`);
}

/** How often the run has continued as new. */
export async function continuations(scene: Scene, runId: string): Promise<number> {
  const list = ['workflow', 'list', '--query', `WorkflowId = '${runId}'`, '--output', 'json'];
  return executionsSchema.parse(JSON.parse(await scene.place.temporal(list))).length - 1;
}

export async function untilContinued(scene: Scene, runId: string, times: number): Promise<void> {
  await soon(`${runId} continues ${times} times`, async () => (await continuations(scene, runId)) >= times, 500);
}

async function serverOf(scene: Scene) {
  const server = await scene.place.server();
  if (server === null) throw new Error('no server was started in this scene');
  return server;
}
