import type { MemoryScope } from '../domain/memory-scope';
import type { PromptContext } from '../domain/steps';

/**
 * The nodes that a prompt may list, the most valuable first, without the parent, which it shows whole. The kinds take
 * turns, so that a prompt with room for few still knows of siblings, of what was learnt elsewhere, of the best and of
 * failures.
 */
export function rememberedIds(context: PromptContext, scope: MemoryScope, parent: number | null): number[] {
  const groups = groupsOf(context, scope);
  const longest = Math.max(0, ...groups.map((group) => group.length));
  const turns = Array.from({ length: longest }, (_, turn) => groups.flatMap((group) => group.slice(turn, turn + 1)));
  return [...new Set(turns.flat())].filter((id) => id !== parent);
}

function groupsOf(context: PromptContext, scope: MemoryScope): readonly (readonly number[])[] {
  const { ancestors, best } = context;
  const siblings = newestFirst(context.siblings);
  const recent = newestFirst(context.recent);
  const failed = newestFirst(context.failed);
  switch (scope) {
    case 'all':
      return [best, siblings, recent, failed, ancestors];
    case 'siblings':
      return [siblings, recent, best, failed];
    case 'ancestors':
      return [ancestors];
    case 'none':
      return [];
  }
}

function newestFirst(ids: readonly number[]): number[] {
  return [...ids].reverse();
}
