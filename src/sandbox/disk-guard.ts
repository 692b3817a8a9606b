import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { formatBytes } from '../domain/byte-size';
import { FailureType } from '../domain/failure-type';
import { diskUsage, readDiskSpace, type MinFree, type ReadDiskSpace } from '../store/disk-space';
import { runDirectory } from './attempts';
import { keptDirectory } from './kept-attempts';

/** Least time between two measurements of a run's files, in milliseconds; longer where measuring takes long. */
const MEASURE_EVERY_MS = 10_000;

/** The part of the time that measuring may take. */
const MEASURING_SHARE = 0.05;

export interface GuardedDisks {
  /** COPPICE_STORE. */
  readonly store: string;
  /** COPPICE_HOME. */
  readonly home: string;
  readonly minFree: MinFree;
  /** Default: asks the system. */
  readonly readSpace?: ReadDiskSpace;
  /** Milliseconds that only grow; default: the process's own. */
  readonly clock?: () => number;
}

interface Measurement {
  readonly bytes: number;
  readonly validUntil: number;
}

/** Looks before each model call and each script whether there is room on this machine's disks, and within the run's cap. */
export class DiskGuard {
  private readonly measurements = new Map<string, Measurement>();

  constructor(private readonly disks: GuardedDisks) {}

  /**
   * @throws ApplicationFailure `DiskFull` when a disk has less free space than has to stay free; the system error when
   *   it cannot be asked
   */
  async requireFree(): Promise<void> {
    const { store, home, minFree, readSpace = readDiskSpace } = this.disks;
    for (const [name, directory] of [
      ['COPPICE_STORE', store],
      ['COPPICE_HOME', home],
    ] as const) {
      const { freeBytes, totalBytes } = await readSpace(directory);
      const least = minFree(totalBytes);
      if (freeBytes >= least) continue;
      throw failure(
        FailureType.DiskFull,
        `only ${formatBytes(freeBytes)} are free on the disk of ${name} (${directory}), less than the ` +
          `${formatBytes(least)} that have to stay free (COPPICE_MIN_FREE); nothing new begins until there is room: ` +
          'make some there, for example by `coppice clean --all`',
      );
    }
  }

  /**
   * @param capBytes most that the run may fill on disk; undefined: no cap
   * @param addedBytes what was added to the cap since
   * @throws ApplicationFailure `DiskLimit` when the run's files and working directories on this machine fill more
   */
  async requireBelow(runId: string, capBytes: number | undefined, addedBytes = 0): Promise<void> {
    if (capBytes === undefined) return;
    const limitBytes = capBytes + addedBytes;
    const known = await this.usage(runId, false);
    // What was measured a while ago may have been cleaned since.
    const bytes = known > limitBytes ? await this.usage(runId, true) : known;
    if (bytes <= limitBytes) return;
    throw failure(
      FailureType.DiskLimit,
      `run ${runId} fills ${formatBytes(bytes)} on disk, more than its cap of ${formatBytes(limitBytes)} (--max-disk); ` +
        `\`coppice clean ${runId} --force\` removes what it can do without, \`coppice extend ${runId} --disk +SIZE\` ` +
        `allows it more, and \`coppice stop ${runId}\` ends it with its best so far`,
    );
  }

  private async usage(runId: string, anew: boolean): Promise<number> {
    const { store, home, clock = () => performance.now() } = this.disks;
    const startedAt = clock();
    const known = this.measurements.get(runId);
    if (!anew && known !== undefined && startedAt < known.validUntil) return known.bytes;
    const places = [path.join(store, runId), runDirectory(home, runId), keptDirectory(home, runId)];
    let bytes = 0;
    for (const place of places) bytes += await diskUsage(place);
    const endedAt = clock();
    const validUntil = endedAt + Math.max(MEASURE_EVERY_MS, (endedAt - startedAt) / MEASURING_SHARE);
    this.measurements.set(runId, { bytes, validUntil });
    return bytes;
  }
}

/** Trying at once again would only find the same: the run pauses, and looks again every few minutes. */
function failure(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type, nonRetryable: true });
}
