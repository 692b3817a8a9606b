import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDirectoryStore } from '../../../src/store/directory-store';
import { writeJson } from '../../../src/store/json-file';
import { createRedactingStore } from '../../../src/store/redaction/redacting-store';
import { Redactor } from '../../../src/store/redaction/redactor';
import { runKeys } from '../../../src/store/run-keys';

const SECRET = 'correct horse battery';
const keys = runKeys('a-run');

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-redacting-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function open() {
  const inner = createDirectoryStore(path.join(directory, 'runs'));
  return { inner, store: createRedactingStore(inner, new Redactor([SECRET])) };
}

test('texts, JSON, lines and outputs lose their secrets; JSON stays JSON, and what has none stays byte for byte', async () => {
  const { inner, store } = open();
  const node = keys.node(1);
  await store.write(node.plan, `Use ${SECRET}.\n`);
  await writeJson(store, node.record, { summary: `behind a break:\n${SECRET}"`, metric: 1e-7 });
  await store.append(keys.journal, `{"message":"\\n${SECRET}"}\n{"metric":0.1}\n`);
  const plain = '{ "spelled" : 1.0, "as it was": [] }';
  await store.write(node.grade, plain);

  const text = async (key: string): Promise<string> => (await inner.read(key))?.toString('utf8') ?? '';
  expect(await text(node.plan)).toBe('Use [redacted].\n');
  expect(JSON.parse(await text(node.record))).toEqual({ summary: 'behind a break:\n[redacted]"', metric: 1e-7 });
  expect(await text(keys.journal)).toBe('{"message":"\\n[redacted]"}\n{"metric":0.1}\n');
  expect(await text(node.grade)).toBe(plain);
});

test('a script’s output loses its secrets whatever its bytes are, and nothing is left beside it', async () => {
  const { inner, store } = open();
  const output = path.join(directory, 'output.log');
  const broken = Buffer.from([0xff, 0xfe, 0x00, 0xc3]);
  await writeFile(output, Buffer.concat([broken, Buffer.from(`\nüber ${SECRET}\n`), broken]));
  await store.writeFile(keys.node(1).output, output);

  const expected = Buffer.concat([broken, Buffer.from('\nüber [redacted]\n'), broken]);
  expect(await inner.read(keys.node(1).output)).toEqual(expected);
  expect((await readdir(directory)).sort()).toEqual(['output.log', 'runs']);
  expect((await readFile(output, 'utf8')).includes(SECRET)).toBe(true);
});

test('the request, the user’s own files and what scripts make stay as they are', async () => {
  const { inner, store } = open();
  const table = path.join(directory, 'table.csv');
  await writeFile(table, SECRET);
  const stay = [keys.run, `${keys.task}/evaluate.py`, `${keys.prompts}/draft.md`, `${keys.data}/train.csv`];
  for (const key of stay) await store.write(key, SECRET);
  const made = [keys.node(1).submission, keys.node(1).predictions, `${keys.node(1).outputs}/output.log`];
  for (const key of made) await store.writeFile(key, table);
  await store.write(`${keys.bests(1)}/submission.csv`, SECRET);

  for (const key of [...stay, ...made, `${keys.bests(1)}/submission.csv`]) {
    expect([key, (await inner.read(key))?.toString('utf8')]).toEqual([key, SECRET]);
  }
});
