import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** A GPU of this machine that scripts may be given. */
export interface Gpu {
  readonly index: number;
  /** The name that no other process's choice of visible GPUs changes. */
  readonly uuid: string;
  readonly name: string;
  /** Device files of this GPU alone. */
  readonly devices: readonly string[];
}

/** Environment of this process. */
type Environment = Readonly<Record<string, string | undefined>>;

/** A driver in trouble may keep its own tool waiting for good; milliseconds. */
const ANSWER_MS = 20_000;

const DRIVER_DIRECTORY = '/proc/driver/nvidia/gpus';

/**
 * The NVIDIA GPUs that `nvidia-smi` names, less those that CUDA_VISIBLE_DEVICES keeps from this process. Empty where
 * there are none, or no such tool.
 */
export async function listGpus(environment: Environment): Promise<readonly Gpu[]> {
  const fields = ['--query-gpu=index,uuid,name', '--format=csv,noheader'];
  const options = { timeout: ANSWER_MS, env: { ...environment } };
  const answer = await promisify(execFile)('nvidia-smi', fields, options).catch(() => null);
  if (answer === null) return [];
  const minors = await minorNumbers();
  const gpus = answer.stdout.split('\n').flatMap((line): Gpu[] => {
    const [index, uuid, ...name] = line.split(',').map((field) => field.trim());
    if (!/^\d+$/.test(index ?? '') || uuid === undefined) return [];
    const device = `/dev/nvidia${minors.get(uuid) ?? Number(index)}`;
    return [{ index: Number(index), uuid, name: name.join(', '), devices: [device] }];
  });
  return gpus.filter((gpu) => isVisible(gpu, environment['CUDA_VISIBLE_DEVICES']));
}

/** Numbers of the device files, which need not be those that `nvidia-smi` counts by. */
async function minorNumbers(): Promise<ReadonlyMap<string, number>> {
  const names = await readdir(DRIVER_DIRECTORY).catch(() => []);
  const texts = await Promise.all(
    names.map((name) => readFile(path.join(DRIVER_DIRECTORY, name, 'information'), 'utf8').catch(() => '')),
  );
  return new Map(
    texts.flatMap((text): [string, number][] => {
      const uuid = /^GPU UUID:\s*(\S+)/m.exec(text)?.[1];
      const minor = /^Device Minor:\s*(\d+)/m.exec(text)?.[1];
      return uuid === undefined || minor === undefined ? [] : [[uuid, Number(minor)]];
    }),
  );
}

/** CUDA reads the list up to the first entry that names no GPU, and knows a GPU also by the beginning of its UUID. */
function isVisible(gpu: Gpu, visible: string | undefined): boolean {
  if (visible === undefined) return true;
  const entries = visible.split(',').map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !/^(\d+|GPU-.+)$/.test(entry));
  const named = end === -1 ? entries : entries.slice(0, end);
  return named.some((entry) => entry === String(gpu.index) || (entry.startsWith('GPU-') && gpu.uuid.startsWith(entry)));
}
