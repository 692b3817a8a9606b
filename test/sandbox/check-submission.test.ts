import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkSubmission, type SubmissionCheck } from '../../src/sandbox/check-submission';
import { contentHash } from '../../src/store/content-hash';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-submission-'));
  await mkdir(path.join(directory, 'working'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const SAMPLE = 'id,price\n7,0\n8,0\n9,0\n';

async function check(
  submission: string | Buffer | null,
  sample = SAMPLE,
  idColumn: string | null = null,
): Promise<SubmissionCheck> {
  await writeFile(path.join(directory, 'sample.csv'), sample);
  if (submission !== null) await writeFile(path.join(directory, 'working', 'submission.csv'), submission);
  return checkSubmission({ attemptDirectory: directory, samplePath: path.join(directory, 'sample.csv'), idColumn });
}

describe('a submission that fits the sample', () => {
  it.each([
    ['in the same order', 'id,price\n7,1\n8,2.5\n9,-3e2\n'],
    ['in another order, quoted, with Windows line ends', '"id","price"\r\n9,1\r\n7,2\r\n"8",3\r\n'],
    ['with a byte order mark and no last line break', '\ufeffid,price\n7,1\n8,2\n9,3'],
  ])('is taken %s, with its hash', async (_name, text) => {
    expect(await check(text)).toEqual({ status: 'ok', hash: contentHash(text) });
  });

  it('may leave values empty where the sample does', async () => {
    expect((await check('id,mask\n1,\n2,a b\n', 'id,mask\n1,\n2,\n')).status).toBe('ok');
  });

  it('is held to its number of rows alone when the sample has no distinct ids', async () => {
    expect((await check('price\n1\n2\n', 'price\n0\n0\n')).status).toBe('ok');
    expect(await check('price\n1\n', 'price\n0\n0\n')).toMatchObject({ status: 'bad_submission' });
  });

  it('has its ids in the column that the task names', async () => {
    const sample = 'price,id\n0,7\n0,8\n';
    expect((await check('price,id\n5,8\n5,7\n', sample, 'id')).status).toBe('ok');
    expect(await check('price,id\n5,8\n5,6\n', sample, 'id')).toMatchObject({ status: 'bad_submission' });
  });
});

describe('samples as people have them', () => {
  it.each([
    ['parted by semicolons', 'sample.csv', Buffer.from('id;price\n7;0,5\n8;0\n'), 'id;price\n8;1,5\n7;2\n'],
    ['packed', 'sample.csv.gz', gzipSync('id,price\n7,0\n8,0\n'), 'id,price\n7,1\n8,1\n'],
    ['in Latin-1', 'sample.csv', Buffer.from('id,größe\nä,0\nß,0\n', 'latin1'), 'id,größe\nß,1\nä,2\n'],
  ])('%s are understood', async (_name, sample, content, submission) => {
    const samplePath = path.join(directory, sample);
    await writeFile(samplePath, content);
    await writeFile(path.join(directory, 'working', 'submission.csv'), submission);
    const checked = await checkSubmission({ attemptDirectory: directory, samplePath, idColumn: 'id' });
    expect(checked).toMatchObject({ status: 'ok' });
  });

  it('are not quoted where values may not stand in prompts', async () => {
    const samplePath = path.join(directory, 'sample.csv');
    await writeFile(samplePath, 'id,price\nzanzibar,0\nquito,0\n');
    const request = { attemptDirectory: directory, samplePath, idColumn: 'id' };
    for (const submission of ['id,price\nlima,crimson\nlima,nan\n', 'zanzibar,5\nquito,6\n']) {
      await writeFile(path.join(directory, 'working', 'submission.csv'), submission);
      const quoted = await checkSubmission(request);
      const silent = await checkSubmission({ ...request, quotes: false });
      expect(JSON.stringify(quoted)).toMatch(/lima|zanzibar/);
      expect(silent).toMatchObject({ status: 'bad_submission' });
      expect(JSON.stringify(silent)).not.toMatch(/lima|zanzibar|quito|nan"/);
    }
  });
});

describe('a submission that does not fit', () => {
  it('is missing', async () => {
    expect(await check(null)).toMatchObject({
      status: 'no_submission',
      message: expect.stringContaining('working/submission.csv') as unknown,
    });
  });

  it.each([
    ['other columns', 'id,cost\n7,1\n', /columns are \["id", "cost"\], the sample's are \["id", "price"\]/],
    ['columns in another order', 'price,id\n1,7\n1,8\n1,9\n', /in this order/],
    [
      'too few rows',
      'id,price\n7,1\n',
      /it has 1 rows, the sample has 3; 2 ids of the sample are missing \(such as 8, 9\)/,
    ],
    ['too many rows', 'id,price\n7,1\n8,1\n9,1\n9,1\n', /4 rows.*1 ids come more than once \(such as "9"\)/],
    ['wrong ids', 'id,price\n7,1\n80,1\n90,1\n', /2 ids are not in the sample \(such as "80", "90"\)/],
    ['a missing value', 'id,price\n7,1\n8,\n9,1\n', /1 values are missing.*"" in column price of row 2/],
    ['NaN and infinity', 'id,price\n7,nan\n8,-inf\n9,Infinity\n', /3 values are missing, NaN or infinite/],
    ['a short row', 'id,price\n7,1\n8\n9,1\n', /row 2 has 1 values, expected 2/],
    ['nothing in it', '', /it is empty/],
    ['a quote that never ends', 'id,price\n7,"1\n8,2\n9,3\n', /submission\.csv: .*[Qq]uote/],
  ])('has %s, and the message says what and where', async (_name, text, message) => {
    expect(await check(text)).toEqual({ status: 'bad_submission', message: expect.stringMatching(message) as unknown });
  });

  it('is binary', async () => {
    expect((await check(Buffer.from([0x1f, 0x8b, 0, 255, 254, 10, 0, 1]))).status).toBe('bad_submission');
  });

  it('is far larger than the sample allows', async () => {
    const message = expect.stringMatching(/bytes, at most \d+ fit the sample/) as unknown;
    expect(await check(Buffer.alloc(11 * 1024 * 1024, 'a'))).toEqual({ status: 'bad_submission', message });
  });

  it('is a link out of the attempt, a pipe or a directory: never followed or waited for', async () => {
    const target = path.join(directory, 'working', 'submission.csv');
    await writeFile(path.join(directory, 'elsewhere.csv'), SAMPLE);
    await symlink(path.join(directory, 'elsewhere.csv'), target);
    expect(await check(null)).toMatchObject({
      status: 'bad_submission',
      message: expect.stringMatching(/symbolic link/) as unknown,
    });
    await rm(target);
    execFileSync('mkfifo', [target]);
    expect(await check(null)).toMatchObject({
      status: 'bad_submission',
      message: expect.stringMatching(/regular file/) as unknown,
    });
    await rm(target);
    await mkdir(target);
    expect(await check(null)).toMatchObject({
      status: 'bad_submission',
      message: expect.stringMatching(/regular file/) as unknown,
    });
    await rm(path.join(directory, 'working'), { recursive: true });
    await mkdir(path.join(directory, 'real'));
    await writeFile(path.join(directory, 'real', 'submission.csv'), SAMPLE);
    await symlink(path.join(directory, 'real'), path.join(directory, 'working'));
    expect(await check(null)).toMatchObject({
      status: 'bad_submission',
      message: expect.stringMatching(/symbolic link/) as unknown,
    });
  });
});

it('takes 100,000 rows without holding up the process', async () => {
  const ids = Array.from({ length: 100_000 }, (_, index) => `row-${index}`);
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 10);
  const sample = `id,price\n${ids.map((id) => `${id},0`).join('\n')}\n`;
  const result = await check(
    `id,price\n${ids
      .reverse()
      .map((id) => `${id},1.5`)
      .join('\n')}\n`,
    sample,
  );
  clearInterval(timer);
  expect(result.status).toBe('ok');
  expect(ticks).toBeGreaterThan(5);
});

it('blames an unreadable sample on the task, not on the script', async () => {
  await expect(check('id,price\n7,1\n', '')).rejects.toThrow(/sample submission .* is empty/);
});
