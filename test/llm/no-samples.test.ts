import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Preview } from '../../src/domain/preview';
import { previewText } from '../../src/llm/prompts/preview-text';
import { previewData } from '../../src/task/preview';
import { TASK } from './prompt-fixture';

const SECRET_ROWS = Array.from({ length: 30 }, (_, index) => [
  `${9000 + index}`,
  `Zanzibar street ${index}`,
  `${7771.5 + index}`,
  `1987-03-${String((index % 28) + 1).padStart(2, '0')}`,
  index % 2 === 0 ? 'true' : 'false',
  index % 3 === 0 ? 'crimson' : 'ochre',
]);
const CELLS = [...new Set(SECRET_ROWS.flat())].filter((cell) => cell !== 'true' && cell !== 'false');

let directory: string;
let preview: Preview;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-samples-'));
  const text = ['row_id,street,price,sold,flag,colour', ...SECRET_ROWS.map((row) => row.join(','))].join('\n');
  await writeFile(path.join(directory, 'train.csv'), text);
  // The database names the value that it cannot convert, and the line.
  await writeFile(path.join(directory, 'broken.parquet'), 'crimson crimson crimson');
  preview = await previewData(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function cellsIn(text: string): string[] {
  return CELLS.filter((cell) => text.includes(cell));
}

test('with samples, cells stand in the text; without, none does', () => {
  const told = previewText(preview, TASK, { limit: 1500, samples: true });
  expect(cellsIn(told)).toEqual(expect.arrayContaining(['crimson', '9000', '9029', '1987-03-01']));
  const silent = previewText(preview, TASK, { limit: 1500, samples: false });
  expect(cellsIn(silent)).toEqual([]);
  expect(silent).toContain('- colour: text, about 2 distinct');
  expect(silent).toContain('30 rows, 6 columns');
});

test('without samples, what a database says of a broken file is not passed on', () => {
  const problems = [{ path: 'a.csv', message: "it cannot be read: Could not convert string 'crimson' to INT64" }];
  expect(previewText({ ...preview, problems }, TASK, { limit: 1500, samples: false })).toContain(
    'a.csv: it cannot be read',
  );
  expect(cellsIn(previewText({ ...preview, problems }, TASK, { limit: 1500, samples: false }))).toEqual([]);
});

test('without samples, files in folders and zips are counted, and those that have to be read are named', () => {
  const photos = { path: 'photos', kind: 'images', files: 12, filesExact: true, subfoldersLeftOut: 0 } as const;
  const [table] = preview.tables;
  const beside: Preview = {
    ...preview,
    files: ['model.bin', 'few/Ada.txt', 'all.zip'].map((file) => ({ path: file, bytes: 10 })),
    folders: [
      {
        ...photos,
        extensions: [{ extension: '.png', files: 12 }],
        subfolders: [{ path: 'Grace', files: 12 }],
        examples: ['Grace/1.png'],
      },
    ],
    archives: [
      { path: 'all.zip', entries: ['a.csv', 'Alan.txt'].map((file) => ({ path: file, bytes: 10 })), entriesLeftOut: 0 },
    ],
    tables: table === undefined ? [] : [{ ...table, path: 'all.zip', member: 'a.csv' }],
  };
  const named = (samples: boolean): string[] => {
    const text = previewText(beside, TASK, { limit: 1500, samples });
    return ['Ada', 'Grace', 'Alan', 'a.csv', 'model.bin', '1 sub-folders', '1 more files'].filter((name) =>
      text.includes(name),
    );
  };
  expect(named(true)).toEqual(['Ada', 'Grace', 'Alan', 'a.csv', 'model.bin']);
  expect(named(false)).toEqual(['a.csv', 'model.bin', '1 sub-folders', '1 more files']);
});
