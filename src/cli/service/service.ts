/** A worker that the machine itself keeps running. */
export interface Service {
  /** Program and arguments, with absolute paths. */
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly log: string;
}

export interface ServiceFile {
  readonly text: string;
  /** What to do with the file, for people. */
  readonly steps: readonly string[];
}
