/** Blanks between a scheme and its credentials. */
const BLANKS = String.raw`[ \t]{1,4}`;

const BLANKS_OR_NONE = String.raw`[ \t]{0,4}`;

/** In what follows there is a digit: words with hyphens have none, keys always do. */
const WITH_DIGIT = String.raw`(?=[A-Za-z0-9._~+/-]*\d)`;

/**
 * How the keys of well-known services look, as sources of regular expressions. Each matches the secret part alone and
 * none spans a line break, but for private keys. Sources: the providers' own documents of their key formats; RFC 7468
 * for private keys, RFC 6750 for bearer tokens, RFC 7519 for JSON web tokens, RFC 3986 for addresses with passwords.
 */
export const KEY_SHAPES: readonly string[] = [
  // OpenAI, Anthropic, OpenRouter and others: sk-…, sk-proj-…, sk-ant-…
  String.raw`\bsk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}`,
  // Amazon
  String.raw`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
  // GitHub
  String.raw`\bgh[pousr]_[A-Za-z0-9]{30,}`,
  String.raw`\bgithub_pat_[A-Za-z0-9_]{22,}`,
  // GitLab, Hugging Face, Google, Slack, Groq, npm, PyPI, Replicate, Stripe
  String.raw`\bglpat-[A-Za-z0-9_-]{20,}`,
  String.raw`\bhf_[A-Za-z0-9]{30,}`,
  String.raw`\bAIza[0-9A-Za-z_-]{35}`,
  String.raw`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`,
  String.raw`\bgsk_[A-Za-z0-9]{30,}`,
  String.raw`\bnpm_[A-Za-z0-9]{36}`,
  String.raw`\bpypi-[A-Za-z0-9_-]{50,}`,
  String.raw`\br8_[A-Za-z0-9]{37}`,
  String.raw`\b[sr]k_live_[A-Za-z0-9]{20,}`,
  // JSON web tokens
  String.raw`\beyJ[A-Za-z0-9_-]{10,400}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
  // Authorization headers
  String.raw`(?<=\b[Bb]earer${BLANKS})${WITH_DIGIT}[A-Za-z0-9._~+/-]{16,}=*`,
  String.raw`(?<=\b[Aa]uthorization["']?${BLANKS_OR_NONE}[:=]${BLANKS_OR_NONE}["']?[Bb]asic${BLANKS})[A-Za-z0-9+/]{8,}=*`,
  // Passwords in addresses, but not the gaps of templates for them
  String.raw`(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"']{0,100}:)[^\s@/"'{}$<>()]{3,200}(?=@)`,
  // Private keys, to their end line, or as far as they go; also with line breaks written as \n
  String.raw`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[A-Za-z0-9+/=\s\\:,-]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|(?![A-Za-z0-9+/=\s\\:,-])|$)`,
];
