import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { LineCutter } from '../../src/sandbox/line-cutter';
import { OutputRecorder } from '../../src/sandbox/output-recorder';
import { RingBuffer } from '../../src/sandbox/ring-buffer';

const MEBIBYTE = 1024 * 1024;

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-output-'));
  file = path.join(directory, 'output.log');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function waitFor(content: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await readFile(file, 'utf8').catch(() => '')).includes(content)) return;
    await sleep(50);
  }
  throw new Error(`"${content}" never came into the file`);
}

describe('an output recorder', () => {
  it('keeps small output as it is and can be read meanwhile', async () => {
    const recorder = new OutputRecorder(file);
    recorder.write(Buffer.from('first\nmetric: 0.5\n'));
    await waitFor('metric: 0.5');
    recorder.write(Buffer.from('last, no line break'));
    expect(recorder.lastLine()).toBe('last, no line break');
    const seen = await recorder.finish();
    expect(await readFile(file, 'utf8')).toBe('first\nmetric: 0.5\nlast, no line break');
    expect(seen).toEqual({
      bytes: 37,
      resultLines: ['metric: 0.5'],
      tail: 'first\nmetric: 0.5\nlast, no line break',
    });
  });

  it('makes an empty file of no output', async () => {
    const seen = await new OutputRecorder(file).finish();
    expect(seen).toEqual({ bytes: 0, resultLines: [], tail: '' });
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('keeps head, tail and the result lines between of output of any size, and says how much is left out', async () => {
    const recorder = new OutputRecorder(file);
    const filler = `${'x'.repeat(99)}\n`.repeat(10_000);
    recorder.write(Buffer.from(`the head\n${filler}`));
    recorder.write(Buffer.from('Validation metric (RMSE): 41\n'));
    await waitFor('the head');
    for (let round = 0; round < 5; round += 1) recorder.write(Buffer.from(filler));
    await waitFor('left out here');
    recorder.write(Buffer.from('metric: 42\nthe end\n'));
    const seen = await recorder.finish();
    const kept = await readFile(file, 'utf8');
    expect(kept.startsWith('the head\n')).toBe(true);
    expect(kept.endsWith('metric: 42\nthe end\n')).toBe(true);
    expect(kept).toMatch(
      /\[coppice: \d+ bytes of output left out here; result lines among them:\]\nValidation metric \(RMSE\): 41\n/,
    );
    const leftOut = Number(/(\d+) bytes of output left out/.exec(kept)?.[1]);
    expect(leftOut).toBe(seen.bytes - (256 + 640) * 1024);
    expect(kept.length).toBeLessThanOrEqual(MEBIBYTE);
    expect(seen.resultLines).toEqual(['Validation metric (RMSE): 41', 'metric: 42']);
  });

  it('stays below its cap with result lines alone, and knows the last of them', async () => {
    const recorder = new OutputRecorder(file);
    for (let round = 0; round < 50; round += 1) {
      const lines = Array.from({ length: 3000 }, (_, index) => `metric: ${round * 3000 + index}\n`);
      recorder.write(Buffer.from(lines.join('')));
    }
    const seen = await recorder.finish();
    expect(seen.resultLines).toHaveLength(100);
    expect(seen.resultLines.at(-1)).toBe('metric: 149999');
    expect(seen.resultLines[0]).toBe('metric: 149900');
    expect((await stat(file)).size).toBeLessThanOrEqual(MEBIBYTE);
  });

  it('takes random bytes, and a result line in pieces among them', async () => {
    const recorder = new OutputRecorder(file);
    for (let round = 0; round < 20; round += 1) recorder.write(randomBytes(65_536));
    recorder.write(Buffer.from([0, 0xff, 0xfe, 0x0a]));
    for (const piece of ['met', 'ric', ': 0.', '75\r', '\n']) recorder.write(Buffer.from(piece));
    recorder.write(Buffer.from([0xc3]));
    const seen = await recorder.finish();
    expect(seen.resultLines.at(-1)).toBe('metric: 0.75');
    expect((await stat(file)).size).toBeLessThanOrEqual(MEBIBYTE);
  });

  it('finds a result line that a carriage return precedes, as after a progress bar', async () => {
    const recorder = new OutputRecorder(file);
    recorder.write(Buffer.from('10%\r50%\r100%\rmetric: 3'));
    expect(recorder.lastLine()).toBe('metric: 3');
    expect((await recorder.finish()).resultLines).toEqual(['metric: 3']);
  });

  it('shows the last line without control characters and cut to 200 characters', async () => {
    const recorder = new OutputRecorder(file);
    recorder.write(Buffer.from(`\u001b[31mred\u001b[0m \u0007${'y'.repeat(500)}\n\n  \n`));
    expect(recorder.lastLine()).toMatch(/^red\s+y{190,}$/);
    expect(recorder.lastLine().length).toBe(200);
    await recorder.finish();
  });

  it('reports a file that cannot be written at the end, not while the script runs', async () => {
    const recorder = new OutputRecorder(path.join(directory, 'absent', 'output.log'));
    recorder.write(Buffer.from('text'));
    await sleep(600);
    recorder.write(Buffer.from('more'));
    await expect(recorder.finish()).rejects.toThrow(/ENOENT/);
  });
});

describe('cutting long lines', () => {
  it('keeps ten thousand bytes of each and notes the rest, however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 25_000 }), fc.constantFrom('\n', '\r')), { maxLength: 6 }),
        fc.integer({ min: 1, max: 30_000 }),
        (lines, step) => {
          const whole = lines.map(([length, end]) => 'a'.repeat(length) + end).join('');
          const expected = lines.map(([length, end]) => {
            const note = length > 10_000 ? ` [line cut: ${length - 10_000} bytes left out]` : '';
            return 'a'.repeat(Math.min(length, 10_000)) + note + end;
          });
          const cutter = new LineCutter();
          const kept: Buffer[] = [];
          for (let from = 0; from < whole.length; from += step) {
            kept.push(...cutter.push(Buffer.from(whole.slice(from, from + step))));
          }
          expect(Buffer.concat(kept).toString()).toBe(expected.join(''));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a ring buffer', () => {
  it('holds exactly the last bytes of whatever was pushed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.integer({ min: 1, max: 30 }),
        fc.nat({ max: 40 }),
        (chunks, capacity, count) => {
          const ring = new RingBuffer(capacity);
          for (const chunk of chunks) ring.push(Buffer.from(chunk));
          const all = Buffer.concat(chunks);
          const expected = all.subarray(Math.max(0, all.length - Math.min(capacity, count)));
          expect(ring.last(count)).toEqual(Buffer.from(expected));
          expect(ring.length).toBe(Math.min(capacity, all.length));
        },
      ),
    );
  });
});
