import type { ServerError } from './server-error';

/** Statuses with which servers refuse what they cannot take. */
const REFUSING: readonly (number | null)[] = [null, 400, 413, 422, 500];

const CONTEXT_CODES = /context_length|context_size|context_window|string_above_max_length/i;

/** The words of OpenAI and vLLM, llama.cpp, Anthropic, Gemini, Ollama, LM Studio, TGI, Groq. */
const CONTEXT_WORDS = [
  /maximum context length/i,
  /exceeds?( the)?( available| maximum| model'?s?)* context/i,
  /context (length|window|size|limit)( of \d+)?( was| is|,)? ?exceeded/i,
  /prompt( is)? too long/i,
  /input is too long/i,
  /input token count.{0,40}exceeds/i,
  /(input|prompt) length.{0,60}exceeds?/i,
  /greater than the context length/i,
  /context length (is|of) only/i,
  /longer than the maximum (model|context) length/i,
  /tokens.{0,40}must be <=/i,
  /reduce the length of the (messages|prompt)/i,
];

/** A request that is larger than what an account may use up in a minute is refused however long one waits. */
const LARGER_THAN_THE_RATE = /request too large/i;

/** Prompt and answer do not fit the model's context: only a shorter prompt helps. */
export function isContextTooLong({ status, code, message }: ServerError): boolean {
  if (status === 413) return true;
  if (status === 429) return LARGER_THAN_THE_RATE.test(message);
  if (!REFUSING.includes(status)) return false;
  return (code !== null && CONTEXT_CODES.test(code)) || CONTEXT_WORDS.some((words) => words.test(message));
}

const LIMIT_TOO_LARGE =
  /max_(completion_)?tokens\W{0,3}( or \S+)? is too large|max_tokens: \d+ > \d+|at most \d+ completion tokens/i;

/** More tokens are wanted for the answer than the model can give; the prompt is not to blame. */
export function isTokenLimitTooLarge({ status, message }: ServerError): boolean {
  return REFUSING.includes(status) && LIMIT_TOO_LARGE.test(message);
}

const FILTER_CODES = /^(content_filter|content_policy_violation|ResponsibleAIPolicyViolation|PROHIBITED_CONTENT)$/i;
const FILTER_WORDS = /content management policy|flagged as potentially violating|violat\w+ (our|the) usage polic/i;
const MODERATION_WORDS = /requires moderation|input was flagged/i;

/** A filter of the provider's refused the prompt, which is an answer of sorts. */
export function isRefusedContent({ status, code, message }: ServerError): boolean {
  if (status === 403) return MODERATION_WORDS.test(message);
  if (status !== null && status !== 400) return false;
  return (code !== null && FILTER_CODES.test(code)) || FILTER_WORDS.test(message);
}

/** A quota that is used up comes as 429, like too many requests at once; these codes tell the two apart. */
const QUOTA_CODES = /^(insufficient_quota|billing_hard_limit_reached|billing_not_active)$/;
const QUOTA_WORDS =
  /credit balance is too low|insufficient (balance|credits?|funds)|billing hard limit|key limit exceeded/i;

export function isQuotaExhausted({ status, code, message }: ServerError): boolean {
  if (status === 402) return true;
  if (status !== 400 && status !== 403 && status !== 429) return false;
  return (code !== null && QUOTA_CODES.test(code)) || QUOTA_WORDS.test(message);
}

const NO_SUCH_MODEL_CODES = /model_not_found|invalid_model|unknown_model/i;
const NO_SUCH_MODEL_WORDS =
  /model\b.{0,120}(not found|does not exist|not a valid model|not available)|(invalid|unknown|no such) model/i;

/** The server does not know the model; it minds nothing else of the request. */
export function isUnknownModel({ code, message }: ServerError): boolean {
  return (code !== null && NO_SUCH_MODEL_CODES.test(code)) || NO_SUCH_MODEL_WORDS.test(message);
}
