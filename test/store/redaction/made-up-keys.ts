/** Made so that this file itself holds nothing that looks like a key. */
const ALPHABET = 'Ab3dEf7hIj1kLm9nOp5qRs2tUv8wXy4zBc6gHk0';

function letters(length: number): string {
  return ALPHABET.repeat(Math.ceil(length / ALPHABET.length)).slice(0, length);
}

export const KEY_BLOCK = [
  ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' '),
  ...['MIIEow', 'MIIEpx', 'MIIEqy'].map((start) => start + letters(58)),
  ['-----END RSA', 'PRIVATE KEY-----'].join(' '),
].join('\n');

/** Of each kind: its name, what may stand before it, the secret, and what may stand behind it. */
export const KEYS: readonly (readonly [kind: string, before: string, secret: string, after: string])[] = [
  ['an OpenAI key', 'key=', `sk-${letters(48)}`, ''],
  ['an OpenAI project key', "'", `sk-proj-${letters(40)}_${letters(20)}-${letters(20)}`, "'"],
  ['an Anthropic key', 'ANTHROPIC_API_KEY: ', `sk-ant-api03-${letters(90)}`, ','],
  ['an Amazon key', '', `AKIA${letters(16).toUpperCase()}`, ' '],
  ['a GitHub token', 'https://', `ghp_${letters(36)}`, '@github.com'],
  ['a fine-grained GitHub token', '(', `github_pat_${letters(60)}`, ')'],
  ['a GitLab token', '', `glpat-${letters(20)}`, ''],
  ['a Hugging Face token', 'token="', `hf_${letters(34)}`, '"'],
  ['a Google key', '?key=', `AIza${letters(35)}`, '&x=1'],
  ['a Slack token', '', `xoxb-123456789012-${letters(24)}`, ''],
  ['a Groq key', '', `gsk_${letters(52)}`, '.'],
  ['a bearer token', 'Authorization: Bearer ', letters(32), ''],
  ['a basic login', 'Authorization: Basic ', `${letters(20)}==`, ''],
  ['a web token', '', `eyJ${letters(20)}.eyJ${letters(40)}.${letters(43)}`, ''],
  ['a password in an address', 'postgres://me:', 'hunter2hunter2', '@db.example.org/x'],
  ['a private key', '', KEY_BLOCK, ''],
  ['a private key in one line', 'key = "', KEY_BLOCK.replaceAll('\n', '\\n'), '"'],
];
