import { Liquid, LiquidError } from 'liquidjs';
import type { Purpose } from '../../domain/purpose';
import type { ChatMessage } from '../model';
import { includedText, splitTemplate, withoutTagLines } from './template-source';

/** Ending of template files. */
export const TEMPLATE_ENDING = '.liquid';

/** More than any prompt needs; it ends a loop that would not end. */
const MEMORY_LIMIT = 50_000_000;

/** A template that cannot be used. */
export class TemplateProblem extends Error {
  constructor(
    /** Name of the template, without its ending. */
    readonly template: string,
    /** From 1; null when it is about the file as a whole. */
    readonly line: number | null,
    problem: string,
  ) {
    super(problem);
    this.name = 'TemplateProblem';
  }
}

/** Templates by name, each file's text as it stands. Those whose names begin with `_` are parts that others include. */
export type TemplateTexts = ReadonlyMap<string, string>;

/** What templates are rendered with: documented in docs/prompts.md. */
export type TemplateVariables = Readonly<Record<string, unknown>>;

/** Renders the messages of prompts from templates; templates see their variables and each other, nothing else. */
export class PromptTemplates {
  private readonly engine: Liquid;
  /** Texts of included templates as they are parsed. */
  private readonly parts: TemplateTexts;

  constructor(private readonly texts: TemplateTexts) {
    const parts = [...texts].filter(([name]) => isShared(name));
    this.parts = new Map(parts.map(([name, text]) => [name, includedText(text)]));
    this.engine = new Liquid({
      templates: Object.fromEntries(this.parts),
      dynamicPartials: false,
      strictVariables: true,
      strictFilters: true,
      ownPropertyOnly: true,
      jsTruthy: true,
      greedy: false,
      memoryLimit: MEMORY_LIMIT,
    });
  }

  /**
   * The messages for a purpose; a part without text makes no message.
   *
   * @throws TemplateProblem when the template is wrong
   */
  render(purpose: Purpose, variables: TemplateVariables): ChatMessage[] {
    const split = splitTemplate(this.texts.get(purpose) ?? '');
    if (!split.ok) throw new TemplateProblem(purpose, split.line, split.problem);
    const { system, user } = split.parts;
    const messages = [
      { role: 'system' as const, content: this.renderPart(purpose, system, variables) },
      { role: 'user' as const, content: this.renderPart(purpose, user, variables) },
    ];
    return messages.filter(({ content }) => content !== '');
  }

  private renderPart(purpose: Purpose, text: string, variables: TemplateVariables): string {
    try {
      const parsed = this.engine.parse(withoutTagLines(text), purpose);
      return String(this.engine.renderSync(parsed, { ...variables })).trim();
    } catch (error) {
      throw this.toProblem(error, purpose);
    }
  }

  /** What the template's author did wrong; anything else stays as it is. */
  private toProblem(error: unknown, purpose: Purpose): unknown {
    if (!LiquidError.is(error)) return error;
    const { token } = error;
    const [line] = token.getPosition();
    // Not every mistake knows its file, but each knows the text that it stands in.
    const included = [...this.parts].find(([, text]) => text === token.input)?.[0];
    const words = error.message.replace(/, (file|line|col):.*$/s, '').replace(/\{%-(.*?)-?%\}/g, '{%$1%}');
    return new TemplateProblem(included ?? purpose, line ?? null, words);
  }
}

export function isShared(name: string): boolean {
  return name.startsWith('_');
}
