import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { scriptResources, threadsPerSlot } from '../../src/sandbox/script-resources';

const NO_LIMITS = { script: 60 };

test('without limits of its own a script gets a share of the memory, and no more disk than there is', async () => {
  const alone = await scriptResources(NO_LIMITS, { slots: 1, directory: tmpdir() });
  const shared = await scriptResources(NO_LIMITS, { slots: 4, directory: tmpdir() });

  expect(alone.memoryBytes).toBeGreaterThan(0);
  expect(alone.memoryBytes).toBeLessThanOrEqual(0.9 * totalmem());
  expect(shared.memoryBytes).toBe(Math.floor(alone.memoryBytes / 4));
  expect(alone.diskBytes).toBeLessThanOrEqual(20e9);
  expect(alone).toMatchObject({ fileBytes: alone.diskBytes, processes: 1024 });
});

test('limits of the request win', async () => {
  const limits = { ...NO_LIMITS, memory: 5e8, disk: 1e8, processes: 7 };

  await expect(scriptResources(limits, { slots: 4, directory: tmpdir() })).resolves.toEqual({
    memoryBytes: 5e8,
    diskBytes: 1e8,
    fileBytes: 1e8,
    processes: 7,
  });
});

test('the threads of all slots use the cores once, and every script has at least one', () => {
  expect(threadsPerSlot(1)).toBe(availableParallelism());
  expect(threadsPerSlot(10_000)).toBe(1);
});
