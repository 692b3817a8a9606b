import { LONGEST_CODE, parseAnswer } from '../../src/llm/parse-answer';

const SCRIPT = ['import json', 'x = 1', 'print("Validation metric (rmse): 1")'].join('\n');
const PYTHON = `\`\`\`python\n${SCRIPT}\n\`\`\``;
const LONG = Array.from({ length: 30 }, (_, index) => `value_${index} = ${index}`).join('\n');

function expectCode(text: string) {
  const parsed = parseAnswer(text);
  if (!parsed.ok) throw new Error(`not parsed: ${parsed.problem}`);
  return parsed;
}

describe('parseAnswer takes plan and script from', () => {
  test.each([
    ['a python block', `Use a forest.\n\n${PYTHON}`],
    ['a py block', `Use a forest.\n\n\`\`\`py\n${SCRIPT}\n\`\`\``],
    ['a Python block with attributes', `Use a forest.\n\n\`\`\`Python title="a.py"\n${SCRIPT}\n\`\`\``],
    ['an unlabelled block', `Use a forest.\n\n\`\`\`\n${SCRIPT}\n\`\`\``],
    ['a block of tildes', `Use a forest.\n\n~~~python\n${SCRIPT}\n~~~`],
    ['text around the block', `Use a forest.\n\n${PYTHON}\n\nThis should do well.`],
    ['a plan under a heading', `## Plan\n\nUse a forest.\n\n${PYTHON}`],
    ['a plan after a bold word', `**Plan:** Use a forest.\n\n${PYTHON}`],
    ['Windows line ends', `Use a forest.\n\n${PYTHON}`.replaceAll('\n', '\r\n')],
    ['thoughts before it', `<think>\nmaybe\n\`\`\`python\nno = 1\n\`\`\`\n</think>\nUse a forest.\n\n${PYTHON}`],
    ['thoughts without their beginning', `maybe a tree?\n</think>\n\nUse a forest.\n\n${PYTHON}`],
    ['thoughts in other tags', `<reasoning>\nno\n</reasoning>\n<thought>no</thought>\nUse a forest.\n\n${PYTHON}`],
    ['thoughts in brackets', `[THINK]\n\`\`\`python\nno = 1\n\`\`\`\n[/THINK]Use a forest.\n\n${PYTHON}`],
    [
      'the final channel',
      '<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>' +
        `Use a forest.\n\n${PYTHON}<|return|>`,
    ],
    ['a block beside one of another language', `Use a forest.\n\n\`\`\`bash\npip list\n\`\`\`\n${PYTHON}`],
    ['a script without fences', `Use a forest.\n\n${SCRIPT}`],
  ])('%s', (_name, text) => {
    const parsed = expectCode(text);
    expect(parsed.code).toBe(`${SCRIPT}\n`);
    expect(parsed.plan).toMatch(/^Use a forest\./);
  });

  test('a block with the words after it', () => {
    expect(expectCode(`${PYTHON}\nUse a forest.`).plan).toBe('Use a forest.');
  });

  test('a block and nothing else', () => {
    expect(expectCode(PYTHON).plan).toBe('No plan was given.');
  });

  test('the longest block when the others are asides', () => {
    const parsed = expectCode(`Plan.\n\`\`\`python\n${LONG}\n\`\`\`\nRun it so:\n\`\`\`python\nmain()\n\`\`\``);
    expect(parsed.code).toBe(`${LONG}\n`);
  });

  test('all blocks joined in order when the script came in pieces', () => {
    const parsed = expectCode(
      `Plan.\n\`\`\`python\nimport json\na = 1\n\`\`\`\nThen:\n\`\`\`python\nprint(a)\nb = a\n\`\`\``,
    );
    expect(parsed.code).toBe('import json\na = 1\n\nprint(a)\nb = a\n');
    expect(parsed.plan).toBe('Plan.');
  });

  test('a block that quotes shorter fences', () => {
    expect(expectCode('P\n````python\ntext = """\n```\n"""\n````').code).toBe('text = """\n```\n"""\n');
  });

  test('a script that itself speaks of think tags', () => {
    const code = 'import re\nre.sub("<think>.*</think>", "", text)\nmark = "<|channel|>final<|message|>"';
    expect(expectCode(`P\n\`\`\`python\n${code}\n\`\`\``).code).toBe(`${code}\n`);
  });
});

describe('parseAnswer refuses, with what to do about it,', () => {
  test.each([
    ['an empty answer', '', /no text/],
    ['an answer of thoughts alone', '<think>I would start by', /no text/],
    ['an answer that never reached its final channel', '<|channel|>analysis<|message|>I would', /no text/],
    ['thoughts in brackets alone', '[THINK]I would', /no text/],
    ['prose', 'I would use a forest, then tune it.', /no ```python block/],
    ['an open fence', `Plan.\n\`\`\`python\n${SCRIPT}`, /cut off/],
    ['an open fence without a label', `Plan.\n\`\`\`\n${SCRIPT}`, /cut off/],
    ['an empty block', 'Plan.\n```python\n\n```', /empty/],
    ['a block of another language', 'Plan.\n```json\n{"a": 1}\n```', /no ```python block/],
    ['output in an unlabelled block', 'Plan.\n```\nfold 1 scored 0.5\n```', /no ```python block/],
    ['prose that begins with an import', 'import pandas and then read the file\nwhich is large.', /no ```python block/],
    ['a script too long to repeat', `P\n\`\`\`python\n${'x = 1\n'.repeat(LONGEST_CODE / 6 + 1)}\`\`\``, /longer than/],
  ])('%s', (_name, text, problem) => {
    const parsed = parseAnswer(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problem).toMatch(problem);
  });
});
