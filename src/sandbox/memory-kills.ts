import { readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * How often the kernel has ended a process for lack of memory, as far as it says (Linux: this control group, its
 * root, and the whole machine added up); null where it says nothing. Only differences mean something.
 */
export async function readMemoryKills(): Promise<number | null> {
  const files = ['/proc/vmstat', ...(await controlGroupFiles())];
  const counts = await Promise.all(files.map(readCount));
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

async function controlGroupFiles(): Promise<string[]> {
  const groups = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const files = new Set<string>();
  for (const line of groups.split('\n')) {
    const [, controllers, group] = line.split(':');
    if (controllers === undefined || group === undefined) continue;
    const unified = controllers === '';
    if (!unified && !controllers.split(',').includes('memory')) continue;
    const [root, name] = unified
      ? ['/sys/fs/cgroup', 'memory.events']
      : ['/sys/fs/cgroup/memory', 'memory.oom_control'];
    files.add(path.join(root, group, name));
    files.add(path.join(root, name));
  }
  return [...files];
}

async function readCount(file: string): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? null : Number(count);
}
