/** A failed set-up step: `message` is one paragraph with what happened, where, and what to do. */
export class SetupFailure extends Error {
  /**
   * @param {string} message
   * @param {string} [tail] the end of the tool's own output
   */
  constructor(message, tail = '') {
    super(message);
    this.tail = tail;
  }
}

const causes = [
  {
    pattern: /ENOSPC|EDQUOT|no space left on device|os error 28|disk quota exceeded/i,
    advice: 'The disk is full: free some space (about 2 GB are needed, see "df -h"), then run the same command again.',
  },
  {
    pattern: /do not match the hashes|hash mismatch|EINTEGRITY/i,
    advice:
      'A downloaded package is not the one that is pinned: the mirror or proxy in use serves something else, or the ' +
      'download broke. Clear the cache of npm, pip or uv, or use another mirror, then run the same command again.',
  },
  {
    pattern:
      /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|network is unreachable|connection refused|failed to establish a new connection|name resolution|error sending request|failed to fetch|dns error|could not fetch url|max retries exceeded|from versions: none|read timed out|certificate|E?(407|502|503|504) /i,
    advice:
      'The package registry cannot be reached: check the network. Behind a proxy or with a mirror, set it the usual way ' +
      '(HTTPS_PROXY, npm config, pip config or PIP_INDEX_URL, UV_DEFAULT_INDEX); these settings are passed on. ' +
      'Then run the same command again.',
  },
  {
    pattern: /EACCES|EPERM|EROFS|ENOTDIR|permission denied|read-only file system/i,
    advice: 'A file or directory cannot be written: check who owns the checkout and COPPICE_HOME, then run it again.',
  },
  {
    pattern: /no matching distribution|has no wheels with a matching|no solution found/i,
    advice:
      'The index in use has no fitting package for this platform. Linux and macOS on x86-64 and arm64 with Python 3.11 ' +
      'to 3.14 are supported; a mirror may lack some versions.',
  },
];

/**
 * What to do about a failed tool, by what it printed.
 * @param {string} output
 * @returns {string | undefined}
 */
export function adviceFor(output) {
  return causes.find((cause) => cause.pattern.test(output))?.advice;
}

/**
 * @param {string} what failed, as a full sentence without its full stop
 * @param {{ output: string }} result
 * @param {import('./context.mjs').Context} context
 * @param {string} [otherwise] advice when the output matches no known cause
 */
export function toolFailure(what, result, context, otherwise = 'The end of its output is above.') {
  const advice = adviceFor(result.output) ?? otherwise;
  return new SetupFailure(`${what}. ${advice} The full output is in ${context.log}.`, lastLines(result.output, 15));
}

/** @param {string} text @param {number} count */
function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
