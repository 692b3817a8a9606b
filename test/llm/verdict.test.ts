import { parseVerdict, verdictJsonSchema } from '../../src/llm/verdict';

const LESSON = { idea: 'a forest', change: 'more trees', lesson: 'It leaks.' };
const VERDICT = { is_bug: true, ...LESSON };
const JSON_TEXT = JSON.stringify(VERDICT);

test.each([
  ['JSON alone', JSON_TEXT],
  ['a fenced block', `Here it is:\n\`\`\`json\n${JSON_TEXT}\n\`\`\``],
  ['JSON in a text', `My verdict is ${JSON_TEXT} as explained.`],
  ['JSON after other braces', `The script {odd} leaks. ${JSON_TEXT}`],
  ['thoughts before it', `<think>{"is_bug": false, "lesson": "no"}</think>${JSON_TEXT}`],
  ['a truth value as a word', JSON_TEXT.replace('true', '"Yes"')],
  ['more keys than asked for', JSON_TEXT.replace('}', ', "metric": 0.5}')],
])('a review is read from %s', (_name, text) => {
  expect(parseVerdict(text)).toEqual({ ok: true, isBug: true, lesson: LESSON, summary: 'more trees It leaks.' });
});

test('a summary alone is taken, as is a lesson alone', () => {
  expect(parseVerdict('{"is_bug": false, "summary": " It leaks. "}')).toEqual({
    ok: true,
    isBug: false,
    lesson: null,
    summary: 'It leaks.',
  });
  expect(parseVerdict('{"is_bug": false, "lesson": "Scale first.", "idea": 5}')).toEqual({
    ok: true,
    isBug: false,
    lesson: { idea: '', change: '', lesson: 'Scale first.' },
    summary: 'Scale first.',
  });
});

test('control characters within a text are no reason to ask again', () => {
  const text = '{"is_bug": false,\n "idea": "a", "change": "b", "lesson": "one\ntwo\u0013three"}';
  expect(parseVerdict(text)).toMatchObject({ ok: true, lesson: { lesson: 'one two three' } });
});

test('long words are cut, line ends in them are taken out', () => {
  const long = parseVerdict(JSON.stringify({ is_bug: false, summary: 'word '.repeat(1000) }));
  expect(long.ok && long.summary.length).toBeLessThanOrEqual(600);
  const lesson = parseVerdict(JSON.stringify({ ...VERDICT, lesson: 'a\n\nb '.repeat(1000) }));
  const words = lesson.ok ? (lesson.lesson?.lesson ?? '') : '';
  expect(words.length).toBeLessThanOrEqual(300);
  expect(words.startsWith('a b a b')).toBe(true);
});

test.each([
  '',
  'Looks fine.',
  '{"summary": "no verdict"}',
  '{"is_bug": "maybe", "lesson": "x"}',
  '{"is_bug": true, "summary": ""}',
  '{"is_bug": true, "idea": "no lesson"}',
])('no review is read from %j', (text) => {
  expect(parseVerdict(text)).toMatchObject({ ok: false });
});

test('the schema asks for four keys and allows no other', () => {
  const { schema } = verdictJsonSchema();
  expect(schema).toMatchObject({
    type: 'object',
    required: ['is_bug', 'idea', 'change', 'lesson'],
    additionalProperties: false,
  });
  expect(schema).not.toHaveProperty('$schema');
});
