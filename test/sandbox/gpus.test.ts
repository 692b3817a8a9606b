import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listGpus } from '../../src/sandbox/gpus';

let directory: string;
let environment: Record<string, string | undefined>;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-gpus-'));
  environment = { PATH: [directory, process.env['PATH']].join(path.delimiter) };
});

afterEach(() => rm(directory, { recursive: true }));

/** Puts an `nvidia-smi` on PATH that answers, or fails, as given. */
async function provideTool(answer: string): Promise<void> {
  await writeFile(path.join(directory, 'nvidia-smi'), `#!/bin/sh\n${answer}\n`);
  await chmod(path.join(directory, 'nvidia-smi'), 0o755);
}

const TWO = 'echo "0, GPU-aaaa, NVIDIA H200"; echo "1, GPU-bbbb, NVIDIA H200"';

test('GPUs are those that nvidia-smi names', async () => {
  await provideTool(TWO);

  expect(await listGpus(environment)).toEqual([
    { index: 0, uuid: 'GPU-aaaa', name: 'NVIDIA H200', devices: ['/dev/nvidia0'] },
    { index: 1, uuid: 'GPU-bbbb', name: 'NVIDIA H200', devices: ['/dev/nvidia1'] },
  ]);
});

test.each([
  ['1', ['GPU-bbbb']],
  ['GPU-aa', ['GPU-aaaa']],
  ['1,0', ['GPU-aaaa', 'GPU-bbbb']],
  ['1,-1,0', ['GPU-bbbb']],
  ['', []],
])('those that CUDA_VISIBLE_DEVICES=%s keeps from the worker are not given away', async (visible, uuids) => {
  await provideTool(TWO);

  expect((await listGpus({ ...environment, CUDA_VISIBLE_DEVICES: visible })).map(({ uuid }) => uuid)).toEqual(uuids);
});

test('a driver that does not answer, or says something else, means none', async () => {
  await provideTool('echo "NVIDIA-SMI has failed"; exit 9');
  expect(await listGpus(environment)).toEqual([]);

  await provideTool('echo "No devices were found"');
  expect(await listGpus(environment)).toEqual([]);
});
