/**
 * What kept the embedded server from being used:
 *
 * - `no_temporal_cli`: no usable Temporal CLI was found
 * - `port_taken`: a port that was asked for by number is in use by something else
 * - `other_port`: the server runs already, on another port than asked for
 * - `start_failed`: the server was started but never became ready
 * - `busy`: another process has been starting or stopping it for too long
 * - `unreachable`: a Temporal server that somebody else runs does not answer
 * - `broken_file`: a file of the server's own cannot be understood
 */
export type ServerProblem =
  'no_temporal_cli' | 'port_taken' | 'other_port' | 'start_failed' | 'busy' | 'unreachable' | 'broken_file';

/** The message says what happened, where, and what to do next. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly problem: ServerProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
