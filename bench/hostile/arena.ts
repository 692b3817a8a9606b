import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import type { CoppiceProcess } from '../../test/helpers/coppice-process';
import { Scene } from '../../test/recovery/scene';
import type { Targets } from './hostile-script';

const KEY = 'sk-made-up-0123456789abcdef';

/** Rows of the made-up training file, and rows to predict. */
const TRAIN_ROWS = 2400;
const TEST_ROWS = 100;

/** A workplace with everything in it that a script could be after. */
export interface Arena {
  readonly scene: Scene;
  /** For a run of that name: the answers lie in a directory of its own. */
  targets(runId: string): Targets;
  close(): Promise<void>;
}

/** Opens the arena, with a worker, and with the finished run `calm` in its store. */
export async function openArena(): Promise<Arena> {
  const scene = await Scene.open();
  const other = createServer((socket) => socket.end());
  const close = async (): Promise<void> => {
    other.close();
    await scene.close();
  };
  try {
    const home = await furnish(scene);
    const worker = await startWorker(scene, home);
    const otherPort = await listen(other);
    const server = await scene.place.server();
    if (server === null) throw new Error(`the worker has no server:\n${worker.stdout()}`);
    await scene.start('calm', scene.spec({ steps: 1, evaluation: 'reported' }));
    await scene.untilFinished('calm');
    const { home: coppiceHome, store, task } = scene.place;
    const targets = (runId: string): Targets => ({
      home,
      coppiceHome,
      store,
      otherRun: 'calm',
      original: path.join(task, 'input', 'train.csv'),
      answers: path.join(coppiceHome, 'grade', runId),
      key: KEY,
      temporalPort: Number(server.address.split(':').at(-1)),
      otherPort,
    });
    return { scene, targets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Gives the worker a home directory with a key, and the task rows enough to withhold some. */
async function furnish({ place }: Scene): Promise<string> {
  const home = path.join(path.dirname(place.home), 'person');
  await mkdir(path.join(home, '.ssh'), { recursive: true });
  await writeFile(path.join(home, '.ssh', 'id_made_up'), 'a made-up private key\n');
  const rows = (from: number, count: number, line: (id: number) => string): string[] =>
    Array.from({ length: count }, (_, index) => line(from + index));
  const value = (id: number): number => (id * 7919) % 1000;
  const train = rows(0, TRAIN_ROWS, (id) => `${id},${value(id)},${value(id) * 2 + (id % 7)}`);
  const test = rows(TRAIN_ROWS, TEST_ROWS, (id) => `${id},${value(id)}`);
  const sample = rows(TRAIN_ROWS, TEST_ROWS, (id) => `${id},0`);
  const input = path.join(place.task, 'input');
  await writeFile(path.join(input, 'train.csv'), ['id,x,y', ...train, ''].join('\n'));
  await writeFile(path.join(input, 'test.csv'), ['id,x', ...test, ''].join('\n'));
  await writeFile(path.join(input, 'sample_submission.csv'), ['id,y', ...sample, ''].join('\n'));
  const task = ['goal: Predict y.', 'metric: rmse', 'target: y', 'id: id', 'train: train.csv', 'test: test.csv'];
  await writeFile(path.join(place.task, 'task.yaml'), [...task, 'sample: sample_submission.csv', ''].join('\n'));
  return home;
}

async function startWorker(scene: Scene, home: string): Promise<CoppiceProcess> {
  const worker = scene.place.coppice(['worker', '--slots', '1'], { HOME: home, OPENAI_API_KEY: KEY });
  await worker.waitFor(/warnings in/);
  return worker;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
