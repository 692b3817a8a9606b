import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResolvedModel } from '../../src/domain/resolved-model';
import type { ModelAnswer, ModelClient, ModelRequest } from '../../src/llm/model';
import { createOpenAiModel } from '../../src/llm/openai-model';
import { ask, DRAFT, targetAt } from './model-calls';
import { startModelServer, type ModelServer, type Respond } from './model-server';

/** Uses whatever a server may lack. */
export const FULL: Partial<ResolvedModel> = { temperature: 0.5, maxTokens: 500, reasoningEffort: 'low' };

/** A server that lacks something, and a directory where that is remembered. */
export class LacksScene {
  rateLimited = false;
  private running: ModelServer | null = null;

  private constructor(readonly directory: string) {}

  static async open(): Promise<LacksScene> {
    return new LacksScene(await mkdtemp(path.join(tmpdir(), 'coppice-lacks-')));
  }

  get server(): ModelServer {
    if (this.running === null) throw new Error('the server has not been started');
    return this.running;
  }

  async start(respond: Respond): Promise<ModelClient> {
    this.running = await startModelServer(respond);
    return this.anotherModel();
  }

  /** As another process, or the same one later, would ask. */
  anotherModel(): ModelClient {
    const { directory } = this;
    return createOpenAiModel({
      environment: {},
      endpointsDirectory: directory,
      isRateLimited: () => this.rateLimited,
    });
  }

  ask(model: ModelClient, request: ModelRequest = DRAFT, changes: Partial<ResolvedModel> = {}): Promise<ModelAnswer> {
    return ask(model, targetAt(this.server.baseUrl, changes), request);
  }

  async close(): Promise<void> {
    await this.running?.close();
    await rm(this.directory, { recursive: true });
  }
}
