import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { RedactingStream } from './redacting-stream';
import type { Redactor } from './redactor';

/** Writes a redacted copy of a file, byte for byte the same where there is no secret, whatever its encoding. */
export async function redactFile(redactor: Redactor, source: string, target: string): Promise<void> {
  const stream = new RedactingStream(redactor.forBytes());
  await pipeline(
    createReadStream(source, { encoding: 'latin1' }),
    async function* (pieces: AsyncIterable<string>) {
      for await (const piece of pieces) yield Buffer.from(stream.push(piece), 'latin1');
      yield Buffer.from(stream.end(), 'latin1');
    },
    createWriteStream(target, { flags: 'wx' }),
  );
}
