import type { Direction } from '../domain/direction';
import type { Extension } from '../domain/extension';
import type { RecoveredRun } from '../domain/steps';
import type { WentOn } from '../policy/went-on';
import { NEVER_OVER, wentOnAfter } from '../policy/went-on';

/** What of a run's extensions crosses continue-as-new; added tokens and money go with what was spent. */
export interface ExtensionState {
  readonly extendedSteps: number;
  readonly extendedMs: number;
  /** Absent in what older versions handed on. */
  readonly extendedDiskBytes?: number;
  readonly wentOn: WentOn;
}

export const NEVER_EXTENDED: ExtensionState = { extendedSteps: 0, extendedMs: 0, wentOn: NEVER_OVER };

/** How far a run has come: nodes recorded, and the best score among them. */
interface Standing {
  readonly after: number;
  readonly metric: number | null;
  readonly direction: Direction;
}

type Recovered = Pick<RecoveredRun, 'extendedSteps' | 'extendedMs' | 'extendedDiskBytes' | 'isOver' | 'wentOn'>;

/** Steps, time and disk that people added, and where a run stood that was over and then went on. */
export class Extensions {
  private addedSteps: number;
  private addedMs: number;
  private addedDiskBytes: number;
  private lastEnd: WentOn;
  private isExtended = false;
  /** The run was over when it was opened, and goes on only if it is extended. */
  private isOver = false;

  /** @param target the score that the run was asked for; undefined without one */
  constructor(
    private readonly target: number | undefined,
    { extendedSteps, extendedMs, extendedDiskBytes = 0, wentOn }: ExtensionState,
  ) {
    this.addedSteps = extendedSteps;
    this.addedMs = extendedMs;
    this.addedDiskBytes = extendedDiskBytes;
    this.lastEnd = wentOn;
  }

  get steps(): number {
    return this.addedSteps;
  }

  /** Milliseconds. */
  get time(): number {
    return this.addedMs;
  }

  get diskBytes(): number {
    return this.addedDiskBytes;
  }

  get wentOn(): WentOn {
    return this.lastEnd;
  }

  /** Takes what the files tell; what was added while they were read stays, and has a run that was over go on. */
  recover(recovered: Recovered | null, standing: Standing): void {
    this.addedSteps += recovered?.extendedSteps ?? 0;
    this.addedMs += recovered?.extendedMs ?? 0;
    this.addedDiskBytes += recovered?.extendedDiskBytes ?? 0;
    this.isOver = recovered?.isOver ?? false;
    this.lastEnd = wentOnAfter(recovered?.wentOn ?? null, this.target, standing.direction);
    this.goOn(standing);
  }

  add(extension: Extension, standing: Standing): void {
    this.addedSteps += extension.steps ?? 0;
    this.addedMs += (extension.time ?? 0) * 1000;
    this.addedDiskBytes += extension.disk ?? 0;
    this.isExtended = true;
    this.goOn(standing);
  }

  state(): ExtensionState {
    return {
      extendedSteps: this.addedSteps,
      extendedMs: this.addedMs,
      extendedDiskBytes: this.addedDiskBytes,
      wentOn: this.lastEnd,
    };
  }

  private goOn(standing: Standing): void {
    if (!this.isOver || !this.isExtended) return;
    this.isOver = false;
    this.lastEnd = wentOnAfter(standing, this.target, standing.direction);
  }
}
