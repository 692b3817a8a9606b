import { modelRoutes } from '../domain/resolved-model';
import type { RunView } from '../report/run-view';
import { shellWord } from '../report/shell-word';
import type { CommandContext } from './command-context';
import type { LiveRuns } from './live-run';
import type { Heard } from './live-view/run-display';
import type { ServerAnswer } from './live-view/server-facts';
import { askServer } from './live-view/server-facts';
import type { Session } from './session';
import { findSession } from './session';
import { noWorkerNote } from './worker-presence';

const PATIENCE_MS = 3000;

/** Asks the run's server, whenever there is one, and never starts any. */
export class ServerLink {
  private session: Session | null = null;

  constructor(
    private readonly context: CommandContext,
    private readonly address: string | undefined,
  ) {}

  async ask(view: RunView): Promise<Heard> {
    const session = await this.connected();
    if (session === 'unreachable') return this.withoutServer('the server does not answer', view, false);
    if (session === null) return this.withoutServer('no server runs here', view, true);
    const answer = await askServer(session, view.runId, PATIENCE_MS);
    if (answer.kind === 'silent') {
      await this.close();
      return this.withoutServer('the server does not answer', view, false);
    }
    if (answer.kind === 'unknown') return this.withoutServer('the server does not know the run', view, true);
    const isWaiting = answer.status === 'running' && answer.progress === null;
    const note = isWaiting
      ? await noWorkerNote(session, modelRoutes(view.run.models), view.evaluation?.kind !== 'reported').catch(
          () => null,
        )
      : null;
    const live: LiveRuns = { server: 'answers', statuses: new Map([[view.runId, answer.status]]) };
    return { live, answer, notices: note === null ? [] : [note] };
  }

  async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.close();
  }

  private async connected(): Promise<Session | 'unreachable' | null> {
    try {
      this.session ??= await findSession(this.context, this.address);
      return this.session;
    } catch {
      return 'unreachable';
    }
  }

  /** A run of another machine may be watched where its store is: then its files change, whatever is said here. */
  private withoutServer(why: string, { runId, state }: RunView, isAbsent: boolean): Heard {
    const isOver = state?.state === 'finished' || state?.state === 'cancelled';
    const goOn = `\`coppice resume ${shellWord(runId)}\` goes on with it, if nobody else does`;
    const notice = `${why}: told from the files alone${isAbsent ? `; ${goOn}` : ''}`;
    const live: LiveRuns = isAbsent ? { server: 'absent' } : { server: 'unreachable', message: why };
    const answer: ServerAnswer = { kind: isAbsent ? 'unknown' : 'silent' };
    return { live, answer, notices: isOver ? [] : [notice] };
  }
}
