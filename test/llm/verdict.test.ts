import { parseVerdict, verdictJsonSchema } from '../../src/llm/verdict';

const JSON_TEXT = '{"is_bug": true, "summary": "It leaks."}';

test.each([
  ['JSON alone', JSON_TEXT],
  ['a fenced block', `Here it is:\n\`\`\`json\n${JSON_TEXT}\n\`\`\``],
  ['JSON in a text', `My verdict is ${JSON_TEXT} as explained.`],
  ['JSON after other braces', `The script {odd} leaks. ${JSON_TEXT}`],
  ['thoughts before it', `<think>{"is_bug": false, "summary": "no"}</think>${JSON_TEXT}`],
  ['a truth value as a word', '{"is_bug": "Yes", "summary": "It leaks."}'],
  ['more keys than asked for', '{"is_bug": true, "summary": " It leaks. ", "metric": 0.5}'],
])('a review is read from %s', (_name, text) => {
  expect(parseVerdict(text)).toEqual({ ok: true, isBug: true, summary: 'It leaks.' });
});

test('a long summary is cut', () => {
  const verdict = parseVerdict(JSON.stringify({ is_bug: false, summary: 'word '.repeat(1000) }));
  expect(verdict.ok && verdict.summary.length).toBeLessThanOrEqual(600);
});

test.each([
  '',
  'Looks fine.',
  '{"summary": "no verdict"}',
  '{"is_bug": "maybe", "summary": "x"}',
  '{"is_bug": true, "summary": ""}',
])('no review is read from %j', (text) => {
  expect(parseVerdict(text)).toMatchObject({ ok: false });
});

test('the schema holds what strict structured output asks for', () => {
  expect(verdictJsonSchema()).toEqual({
    name: 'review',
    schema: {
      type: 'object',
      properties: { is_bug: { type: 'boolean' }, summary: { type: 'string' } },
      required: ['is_bug', 'summary'],
      additionalProperties: false,
    },
  });
});
