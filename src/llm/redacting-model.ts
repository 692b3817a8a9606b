import type { Redactor } from '../store/redaction/redactor';
import type { ModelAnswer, ModelClient, ModelRequest } from './model';

/**
 * A model that is sent no secret and gives none back: what is stored of a call, and left out there, is what was sent
 * and what every later step works with.
 */
export function createRedactingModel(model: ModelClient, redactor: Redactor): ModelClient {
  return {
    ask: async (call) => {
      const answer = await model.ask({ ...call, request: redactedRequest(redactor, call.request) });
      return redactedAnswer(redactor, answer);
    },
  };
}

function redactedRequest(redactor: Redactor, request: ModelRequest): ModelRequest {
  const messages = request.messages.map(({ role, content }) => ({ role, content: redactor.redact(content) }));
  return { ...request, messages };
}

function redactedAnswer(redactor: Redactor, answer: ModelAnswer): ModelAnswer {
  const refusal = answer.refusal === null ? null : redactor.redact(answer.refusal);
  return { ...answer, text: redactor.redact(answer.text), refusal };
}
