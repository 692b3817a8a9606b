import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessFile } from '../domain/node-record';
import { processFileSchema } from '../domain/node-record';
import { stateFileSchema } from '../domain/run-files';
import { liveOutputPath } from '../sandbox/attempts';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { RedactingStream } from '../store/redaction/redacting-stream';
import type { Redactor } from '../store/redaction/redactor';
import { runKeys } from '../store/run-keys';
import { errorCode } from '../store/store-error';

/** Between two looks, in milliseconds. */
const LOOK_MS = 300;

/** Read at once, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** The end of what was shown, by which its place in the stored output is found, in characters. */
const REMEMBERED = 2000;

export interface FollowedOutput {
  readonly store: ArtifactStore;
  readonly runId: string;
  readonly node: number;
  /** This machine: only here can be read what a script writes. */
  readonly hostId: string;
  readonly redactor: Redactor;
  /** Writes a piece of the output as it is. */
  readonly write: (text: string) => void;
  /** Says what a person should know besides. */
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * How the following ended: the script's output is stored, the node has none, the run is over and so the script was ended
 * without a record, or somebody interrupted.
 */
export type FollowEnd = 'stored' | 'none' | 'over' | 'interrupted';

/**
 * Writes a script's output as it comes until it is stored, through every attempt. Without the live output, as on
 * another machine, the whole comes at the end.
 */
export async function followOutput(followed: FollowedOutput): Promise<FollowEnd> {
  const { store, runId, node, hostId, signal, note } = followed;
  const keys = runKeys(runId).node(node);
  const shown = new ShownOutput(followed);
  let said = '';
  const say = (line: string): void => {
    if (line !== said) note(line);
    said = line;
  };
  while (!signal.aborted) {
    const state = await readJson(store, runKeys(runId).state, stateFileSchema);
    const isOver = state?.state === 'finished' || state?.state === 'cancelled';
    const isRecorded = await store.exists(keys.record);
    const script = await readJson(store, keys.process, processFileSchema);
    // The live output is gone soon after its end is stored: it is read first.
    if (script?.hostId === hostId) await shown.readOn(script);
    const stored = await store.read(keys.output);
    if (stored !== null) {
      shown.finish(stored.toString('utf8'));
      return 'stored';
    }
    if (isRecorded) return 'none';
    if (isOver) {
      shown.end();
      return 'over';
    }
    if (script === null) say(`node ${node} has no script running yet; waiting for it`);
    else if (script.hostId !== hostId) {
      say(`node ${node} runs on another machine (${script.hostId}): its output comes when the script has ended`);
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return 'interrupted';
}

/** What has been shown of a script's output. */
class ShownOutput {
  private directory: string | null = null;
  private offset = 0;
  private decoder = new StringDecoder('utf8');
  private redacting: RedactingStream;
  private last = '';

  constructor(private readonly followed: FollowedOutput) {
    this.redacting = new RedactingStream(followed.redactor);
  }

  /** Shows what an attempt has written since the last look. */
  async readOn({ directory, attempt }: ProcessFile): Promise<void> {
    if (directory !== this.directory) this.begin(directory, attempt);
    const handle = await open(liveOutputPath(directory), 'r').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (handle === null) return;
    try {
      const buffer = Buffer.alloc(PIECE_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, this.offset);
        if (bytesRead === 0) return;
        this.offset += bytesRead;
        this.show(this.redacting.push(this.decoder.write(buffer.subarray(0, bytesRead))));
      }
    } finally {
      await handle.close();
    }
  }

  /** Shows what of the stored output was not seen live. */
  finish(stored: string): void {
    const { write, note } = this.followed;
    if (this.last === '') {
      write(stored);
      return;
    }
    const at = stored.lastIndexOf(this.last);
    if (at >= 0) write(stored.slice(at + this.last.length));
    else {
      this.end();
      note('the stored output differs from what was shown, as that of long ones does; `coppice logs` prints it');
    }
  }

  /** Shows what was kept back. */
  end(): void {
    this.show(this.redacting.end());
  }

  private begin(directory: string, attempt: number): void {
    if (this.directory !== null) {
      this.end();
      this.followed.note(`\nattempt ${attempt} begins`);
    }
    this.directory = directory;
    this.offset = 0;
    this.decoder = new StringDecoder('utf8');
    this.redacting = new RedactingStream(this.followed.redactor);
    this.last = '';
  }

  private show(text: string): void {
    if (text === '') return;
    this.followed.write(text);
    this.last = (this.last + text).slice(-REMEMBERED);
  }
}
