import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AWKWARD_TABLES } from './awkward/awkward-tables';
import type { Solved } from './awkward/solve-awkward';
import { solveAll } from './awkward/solve-awkward';
import { hurried } from './support/run-script';

/** What nothing can be learned from, and a part of the reason that is given. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'one row': /only 1 row/,
  'a target of one value': /a single value/,
  'a folder of images by class': /no table/,
  'no table at all': /no table/,
};

let scratch: string;
let solved: readonly Solved[];

beforeAll(async () => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'coppice-awkward-'));
  // Scores, and searches over what takes long, are the benchmark's to tell; here scripts only have to work.
  solved = await solveAll(AWKWARD_TABLES, scratch, { asRun: hurried, once: ['10,000 columns'] });
}, 900_000);

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

test.each(AWKWARD_TABLES.map(({ name }) => name))('%s: every script works, or the reason is said', (name) => {
  const found = solved.find((each) => each.name === name);
  const refused = REFUSED[name];
  if (refused === undefined) {
    expect(found).toMatchObject({ refusal: null, failures: [] });
    expect(found?.best).toEqual(expect.any(Number));
  } else {
    expect(found?.refusal).toMatch(refused);
  }
});

test('at least three in four end with a working best', () => {
  expect(AWKWARD_TABLES.length).toBeGreaterThanOrEqual(20);
  expect(solved.filter(({ best }) => best !== null).length / solved.length).toBeGreaterThanOrEqual(0.75);
});
