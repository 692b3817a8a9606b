const IMPORT = /^(import [\w.]+|from [\w.]+ import )/;
const KEYWORD =
  /^(import|from|def|class|if|elif|else|for|while|try|except|finally|with|return|raise|print|assert|del|global|async|pass)\b/;
const STATEMENT = /^[A-Za-z_][\w.]*\s*(\[[^\]]*\]\s*)?([=(:]|[-+*/|&]=|,\s*[A-Za-z_]\w*\s*[=,])/;
const OTHER_START = /^[@#)\]}'"]/;

/** Whether a text imports something, as scripts do and their output does not. */
export function hasImport(text: string): boolean {
  return text.split('\n').some((line) => IMPORT.test(line));
}

/**
 * Splits an answer without fences at its first import; null when a line that follows reads like prose, so that what
 * follows may be no script.
 */
export function splitAtScript(text: string): { before: string; script: string } | null {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => IMPORT.test(line));
  if (start === -1) return null;
  const script = lines.slice(start);
  if (!script.every(isPythonLine)) return null;
  return { before: lines.slice(0, start).join('\n'), script: script.join('\n') };
}

function isPythonLine(line: string): boolean {
  const indentedOrBlank = line === '' || /^\s/.test(line);
  return indentedOrBlank || KEYWORD.test(line) || STATEMENT.test(line) || OTHER_START.test(line);
}
