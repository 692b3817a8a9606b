/**
 * The answer without what a reasoning model thought aloud: `<think>` blocks, a block whose beginning the server kept
 * to itself, and one that was cut off before its end. Tags count only at the start or end of a line, since scripts may
 * speak of them.
 */
export function stripThinking(text: string): string {
  const withoutBlocks = text.replace(/^[ \t]*<think(ing)?>[\s\S]*?<\/think\1>/gim, '');
  const strayEnd = [...withoutBlocks.matchAll(/<\/think(?:ing)?>[ \t]*$/gim)].at(-1);
  const answer = strayEnd === undefined ? withoutBlocks : withoutBlocks.slice(strayEnd.index + strayEnd[0].length);
  return /^\s*<think(?:ing)?>/i.test(answer) ? '' : answer.trim();
}
