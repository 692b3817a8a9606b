import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { ArtifactStore } from '../artifact-store';
import { redactFile } from './redact-file';
import type { Redactor } from './redactor';

/**
 * A store into which no secret is written by the steps of a run: texts and JSON lose theirs on the way, and scripts'
 * output does. As they are stay the request (`run.json`), copies of the user's own files (task, data, prompt templates)
 * and what scripts make (submissions, predictions, declared outputs).
 */
export function createRedactingStore(store: ArtifactStore, redactor: Redactor): ArtifactStore {
  return {
    ...store,
    write: (key, content) => store.write(key, isOwn(key) ? redactedContent(redactor, key, content) : content),
    append: (key, lines) => store.append(key, isOwn(key) ? redactedLines(redactor, lines) : lines),
    writeFile: async (key, localPath) => {
      if (!isScriptOutput(key)) return store.writeFile(key, localPath);
      const copy = `${localPath}.${randomUUID()}`;
      try {
        await redactFile(redactor, localPath, copy);
        await store.writeFile(key, copy);
      } finally {
        await rm(copy, { force: true });
      }
    },
  };
}

/** What coppice itself writes about a run; keys begin with the run's id. */
function isOwn(key: string): boolean {
  const [, ...rest] = key.split('/');
  const place = rest[0] ?? '';
  if (place === 'run.json' || place === 'task' || place === 'data' || place === 'prompts') return false;
  return !/(?:^|\/)(?:outputs\/|(?:submission|predictions)\.csv$)/.test(rest.join('/'));
}

function isScriptOutput(key: string): boolean {
  return isOwn(key) && key.endsWith('/output.log');
}

function redactedContent(redactor: Redactor, key: string, content: string | Uint8Array): string | Uint8Array {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
  // Bytes that are no text are nothing that this could read.
  if (typeof content !== 'string' && !Buffer.from(text).equals(content)) return content;
  return key.endsWith('.json') ? redactedJson(redactor, text, 2) : redactor.redact(text);
}

/** In JSON a secret may stand directly behind an escape, such as that of a line break: it is looked at as values. */
function redactedJson(redactor: Redactor, text: string, indent: number): string {
  const value = parsed(text);
  if (value === undefined) return redactor.redact(text);
  const before = JSON.stringify(value);
  const redacted = redactor.redactAll(value);
  if (JSON.stringify(redacted) === before) return text;
  return `${JSON.stringify(redacted, null, indent)}${text.endsWith('\n') ? '\n' : ''}`;
}

function redactedLines(redactor: Redactor, lines: string): string {
  return lines
    .split('\n')
    .map((line) => (line === '' ? line : redactedJson(redactor, line, 0)))
    .join('\n');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
