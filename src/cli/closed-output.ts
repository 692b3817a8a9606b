import { errorCode } from '../store/store-error';

/** A reader that went away (a closed pipe or terminal) must not end a run: what is written then is lost, no more. */
export function tolerateClosedOutput(stream: NodeJS.WriteStream): void {
  stream.on('error', (error) => {
    const code = errorCode(error);
    if (code !== 'EPIPE' && code !== 'EIO' && code !== 'ERR_STREAM_DESTROYED') throw error;
  });
}
