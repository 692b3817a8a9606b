import type { ResolvedModel } from '../domain/resolved-model';
import { countTokens } from '../llm/count-tokens';
import type { ModelAnswer, ModelRequest } from '../llm/model';
import { reaskRequest } from '../llm/prompts/reask';

/** Least room for the answer after one that was cut off, where the context allows it. */
const LEAST_ROOM = 1000;

/** Kept free in a model's context for what a re-ask adds in words of its own. */
const TOKENS_OF_REASK = 200;

/** What a step's prompts are made of. */
export interface PromptSource {
  readonly target: ResolvedModel;
  /** Makes the first prompt, and a smaller one each time it turned out too long. */
  readonly compose: (shrunk: number) => Promise<ModelRequest>;
  /** What a usable answer looks like; closes each re-ask. */
  readonly expected: string;
}

/** Which prompt a step sends next, by what came of those before. */
export class NextPrompt {
  /** The prompt that a re-ask begins with; null until what came of it is known. */
  private first: ModelRequest | null = null;
  /** Most tokens of the next answer, where more is needed than the model's own setting gives. */
  private room: number | null = null;

  constructor(private readonly source: PromptSource) {}

  private next = (): Promise<ModelRequest> => this.source.compose(0);

  make(): Promise<ModelRequest> {
    return this.next();
  }

  /** The prompt did not fit: a new one is made with less in it, and without the answer that went before. */
  tooLong({ shrunk }: ModelRequest): void {
    const { room } = this;
    this.first = null;
    // It may be the room that does not fit: a prompt that has to be made smaller once more goes without it.
    this.room = null;
    this.next = async () => {
      const smaller = await this.source.compose(shrunk + 1);
      return room === null ? smaller : { ...smaller, maxTokens: room };
    };
  }

  /** The answer cannot be used: it goes back with what was wrong, and one that was cut off gets more room. */
  unusable(request: ModelRequest, answer: ModelAnswer, problem: string): void {
    const { target, expected } = this.source;
    this.first ??= request;
    this.room = answer.finishReason === 'length' ? roomAfter(answer, request, target) : null;
    const next = reaskRequest(this.first, answer, problem, expected, this.room);
    this.next = () => Promise.resolve(next);
  }
}

/** Twice what the answer that was cut off had used, less what the context cannot give. */
function roomAfter(answer: ModelAnswer, request: ModelRequest, target: ResolvedModel): number {
  const { completionTokens, promptTokens } = answer.usage;
  // Servers that name no usage leave it to be counted.
  const used = completionTokens > 0 ? completionTokens : Math.max(countTokens(answer.text), 1);
  const prompt = promptTokens > 0 ? promptTokens : request.estimatedTokens;
  const wanted = Math.max(used * 2, LEAST_ROOM);
  if (target.contextTokens === null) return wanted;
  const free = target.contextTokens - prompt - countTokens(answer.text) - TOKENS_OF_REASK;
  return Math.max(Math.min(wanted, free), used);
}
