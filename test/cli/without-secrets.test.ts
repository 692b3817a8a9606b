import { withoutSecrets } from '../../src/cli/without-secrets';
import { readSettings } from '../../src/workers/settings';

/** The text as it is sent, and what the person is told. */
function send(text: string): { readonly sent: string; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const settings = readSettings({ OPENAI_API_KEY: 'a-key-of-no-known-shape-41' });
  return { sent: withoutSecrets({ settings, note: (line) => void notes.push(line) }, text, 'the hint'), notes };
}

test('the value of a variable that holds a key is taken out of what is sent, and that is said', () => {
  const { sent, notes } = send('call it with a-key-of-no-known-shape-41 please');
  expect(sent).toBe('call it with [redacted] please');
  expect(notes).toEqual([expect.stringMatching(/key in the hint is replaced by \[redacted\] before it is sent/)]);
});

test('so is what looks like a key', () => {
  const { sent, notes } = send(`use sk-proj-${'Ab1'.repeat(16)}`);
  expect(sent).not.toContain('Ab1Ab1');
  expect(notes).toHaveLength(1);
});

test('any other text goes as it is, in silence', () => {
  const text = 'try the logarithm of price_2024, and id = row["id"]';
  expect(send(text)).toEqual({ sent: text, notes: [] });
});
