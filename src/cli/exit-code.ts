/** What the coppice command tells its caller by its exit status. */
export const ExitCode = {
  done: 0,
  failed: 1,
  /** Wrong usage or input; nothing was begun. */
  usage: 2,
  /** The run finished without a working solution. */
  nothingWorks: 3,
  /** Interrupted by a signal; the run can go on. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
