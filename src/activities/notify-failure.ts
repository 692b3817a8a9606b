/** Nobody could be told. The message names no address beyond its host: the rest of it may be a secret. */
export class NotifyFailure extends Error {
  override readonly name = 'NotifyFailure';

  /** @param isFinal whether another try would fail as well */
  constructor(
    message: string,
    readonly isFinal: boolean,
  ) {
    super(message);
  }

  static of(error: unknown): NotifyFailure {
    return error instanceof NotifyFailure ? error : new NotifyFailure('it failed for an unknown reason', false);
  }
}
