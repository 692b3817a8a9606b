import type { Context } from '@temporalio/activity';
import type { ScriptPlace } from '../domain/steps';
import { lastLine } from '../sandbox/live-output';
import type { Redactor } from '../store/redaction/redactor';

const BEAT_MS = 2000;

/** Tells Temporal every two seconds where a script runs, and what it wrote last. */
export class ScriptPulse {
  private readonly timer: NodeJS.Timeout;
  private control: string | null = null;
  private line = '';

  constructor(
    private readonly context: Context,
    private readonly hostId: string,
    private readonly nodeId: number,
    private readonly redactor: Redactor,
  ) {
    this.beat();
    this.timer = setInterval(() => {
      this.beat();
      void this.look();
    }, BEAT_MS);
  }

  get place(): ScriptPlace {
    return { hostId: this.hostId, nodeId: this.nodeId, line: this.line };
  }

  /** From now on the last line is that of the script with this control directory. */
  async follow(control: string): Promise<void> {
    this.control = control;
    await this.look();
    this.beat();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    this.context.heartbeat(this.place);
  }

  /** Apart from the beat, which must not wait for a disk. */
  private async look(): Promise<void> {
    if (this.control === null) return;
    this.line = await lastLine(this.control, this.redactor).catch(() => this.line);
  }
}
