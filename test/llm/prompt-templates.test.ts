import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PURPOSES } from '../../src/domain/purpose';
import { loadTemplates, shippedTemplates } from '../../src/llm/prompts/load-templates';
import { readOwnTemplates } from '../../src/llm/prompts/own-templates';
import { PromptTemplates } from '../../src/llm/prompts/prompt-templates';
import { sampleVariables } from '../../src/llm/prompts/sample-material';
import { settlePrompts } from '../../src/llm/prompts/settle-prompts';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { textOf } from './prompt-fixture';

let directory: string;
let own: string;
let store: ArtifactStore;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-prompts-'));
  own = path.join(directory, 'own');
  await mkdir(own);
  store = createDirectoryStore(path.join(directory, 'runs'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(own, name), text);
}

const MINIMAL = '--- system ---\nBe brief.\n--- user ---\n';

test.each(PURPOSES)('the shipped template %s takes every sample and leaves no mark of itself', async (purpose) => {
  const templates = new PromptTemplates(await shippedTemplates());
  for (const variables of sampleVariables(purpose)) {
    const messages = templates.render(purpose, variables);
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(textOf(messages)).not.toMatch(/\{\{|\{%|%\}|--- |undefined|\[object|\n\n\n/);
  }
});

describe('templates of one’s own', () => {
  test('replace those of their name, use parts of coppice and of their own, and come with the run', async () => {
    await write({
      'draft.liquid': `${MINIMAL}{% include _mine %}\n{% include _budget %}\n`,
      '_mine.liquid': 'Draft for {{ task.name }}.',
      'README.md': 'not a template {{',
    });
    await settlePrompts(store, 'run', own);
    await rm(own, { recursive: true });
    const templates = await loadTemplates(store, 'run');
    const variables = sampleVariables('draft')[0] ?? {};
    const text = textOf(templates.render('draft', variables));
    expect(text).toBe('Be brief.\nDraft for sample.\n0 of 20 attempts are done.');
    const others = new PromptTemplates(await shippedTemplates());
    const improve = sampleVariables('improve')[0] ?? {};
    expect(templates.render('improve', improve)).toEqual(others.render('improve', improve));
  });

  test('of an earlier attempt do not stay', async () => {
    await write({ 'draft.liquid': `${MINIMAL}One.` });
    await settlePrompts(store, 'run', own);
    await settlePrompts(store, 'run', null);
    expect(await store.list('run/prompts')).toEqual([]);
  });

  test.each([
    [
      'an unknown variable',
      { 'improve.liquid': `${MINIMAL}\n{{ parent.scor }}` },
      'improve.liquid, line 5: undefined variable: parent.scor',
    ],
    [
      'one in a branch that is rarely taken',
      { 'debug.liquid': `${MINIMAL}x\n{% if parent.reason == 'out_of_memory' %}\n{{ nope }}\n{% endif %}` },
      'debug.liquid, line 6: undefined variable: nope',
    ],
    [
      'one in a part',
      { '_budget.liquid': 'a\n{{ budget.mony }}' },
      '_budget.liquid, line 2: undefined variable: budget.mony',
    ],
    [
      'an unknown filter',
      { 'draft.liquid': `${MINIMAL}{{ data | shorten }}` },
      'draft.liquid, line 4: undefined filter: shorten',
    ],
    ['an unknown tag', { 'review.liquid': `${MINIMAL}\n\n{% fro x %}` }, 'review.liquid, line 6: tag "fro" not found'],
    [
      'a tag that is not closed',
      { 'digest.liquid': `${MINIMAL}{% if digest %}` },
      'digest.liquid, line 4: tag {% if digest %} not closed',
    ],
    ['no parts', { 'draft.liquid': 'Write a script.' }, 'draft.liquid, line 1: expected one line "--- system ---"'],
    [
      'a part too many',
      { 'draft.liquid': `${MINIMAL}--- assistant ---\n` },
      'draft.liquid, line 4: there is no part "assistant"',
    ],
    ['an empty request', { 'report.liquid': MINIMAL }, 'report.liquid: the part "user" is empty'],
    ['an unknown name', { 'drafts.liquid': MINIMAL }, 'drafts.liquid replaces no prompt; there are draft, improve'],
    [
      'a file outside',
      { 'draft.liquid': `${MINIMAL}{% include ../../../etc/hostname %}` },
      'draft.liquid, line 4: ENOENT',
    ],
    [
      'an endless loop',
      { 'draft.liquid': `${MINIMAL}{% for i in (1..9000000000) %}x{% endfor %}` },
      'draft.liquid, line 4: memory alloc limit',
    ],
    ['nothing at all', { 'README.md': 'x' }, 'holds no file *.liquid'],
  ])('with %s are refused, with file and line', async (_name, files, problem) => {
    await write(files);
    const read = await readOwnTemplates(own);
    const message = read.ok ? '' : read.message;
    expect(message).toContain(problem);
    expect(message).toContain(own);
    await expect(settlePrompts(store, 'run', own)).rejects.toMatchObject({ type: 'InvalidTask', nonRetryable: true });
  });

  test('cannot lie where nothing is', async () => {
    const missing = path.join(directory, 'gone');
    const read = await readOwnTemplates(missing);
    expect(read.ok ? '' : read.message).toContain(missing);
  });
});
