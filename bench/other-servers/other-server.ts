export type ServerName = 'litellm' | 'llama-cpp';

/** A model server that others wrote, at work on this machine. */
export interface OtherServer {
  readonly name: ServerName;
  readonly version: string;
  readonly baseUrl: string;
  /** Environment variable that holds its key, and the key. */
  readonly keyVariable: string;
  readonly key: string;
  /** Requests for an answer that it has had so far, by its own log. */
  served(): number;
  close(): Promise<void>;
}
