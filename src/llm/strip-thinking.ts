const TAGS = 'think|thinking|thought|reasoning';
const BLOCKS = new RegExp(`^[ \\t]*(?:<(${TAGS})>[\\s\\S]*?</\\1>|\\[THINK\\][\\s\\S]*?\\[/THINK\\])`, 'gim');
const STRAY_END = new RegExp(`(?:</(?:${TAGS})>|\\[/THINK\\])[ \\t]*$`, 'gim');
const OPEN_START = new RegExp(`^\\s*(?:<(?:${TAGS})>|\\[THINK\\])`, 'i');

/** Channels as some open models write them: what they think goes into others than `final`. */
const CHANNEL_START = /^\s*(?:<\|start\|>\w+)?<\|channel\|>/i;
const FINAL_CHANNEL = /<\|channel\|>\s*final[\s\S]*?<\|message\|>([\s\S]*)$/i;
const CHANNEL_END = /<\|(?:end|return)\|>\s*$/i;

/**
 * The answer without what a reasoning model thought aloud: `<think>` blocks and their like, channels other than the
 * final one, a block whose beginning the server kept to itself, and one that was cut off before its end. Tags count
 * only at the start or end of a line, since scripts may speak of them.
 */
export function stripThinking(text: string): string {
  const final = CHANNEL_START.test(text) ? (FINAL_CHANNEL.exec(text)?.[1] ?? '').replace(CHANNEL_END, '') : text;
  const withoutBlocks = final.replace(BLOCKS, '');
  const strayEnd = [...withoutBlocks.matchAll(STRAY_END)].at(-1);
  const answer = strayEnd === undefined ? withoutBlocks : withoutBlocks.slice(strayEnd.index + strayEnd[0].length);
  return OPEN_START.test(answer) ? '' : answer.trim();
}
