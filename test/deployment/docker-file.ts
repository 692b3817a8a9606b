import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT } from './compose-file';

export interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** The instructions of the Dockerfile, continued lines joined. */
export function readDockerfile(): Instruction[] {
  const text = readFileSync(path.join(PROJECT, 'Dockerfile'), 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', words = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      return { name, words };
    });
}

/** What its ENV instructions set. */
export function dockerfileVariables(): Record<string, string> {
  const pairs = readDockerfile()
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ words }) => words.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]));
}
