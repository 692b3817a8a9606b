import { execFileSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { isMetricLine } from '../../src/domain/reported-metric';
import { lastLine } from '../../src/sandbox/live-output';
import { IMPORT_SUPERVISION, SupervisedScene, type SupervisedScript } from './supervised-scene';

const MIB = 1024 * 1024;

let scene: SupervisedScene;

beforeEach(async () => {
  scene = await SupervisedScene.open();
});

afterEach(() => scene.close());

async function sizeOf(script: SupervisedScript): Promise<number> {
  return (await stat(path.join(script.control, 'output.log'))).size;
}

/** What a function of the supervisor answers to each of the given values. */
function ask(code: string, values: unknown): unknown {
  const program = [
    IMPORT_SUPERVISION,
    'import json',
    code,
    'print(json.dumps([answer(value) for value in json.load(sys.stdin)]))',
  ].join('\n');
  const options = { input: JSON.stringify(values), encoding: 'utf8', maxBuffer: 100 * MIB } as const;
  return JSON.parse(execFileSync(scene.pythonPath, ['-c', program], options));
}

describe("a script's output", () => {
  it('is kept as it is when small, standard error with it in order, and can be read meanwhile', async () => {
    const script = await scene.start(`
import os, time
os.write(1, b'first\\n')
os.write(2, b'metric: 0.5\\n')
time.sleep(1.5)
os.write(1, b'last, no line break')`);
    await scene.waitForOutput(script, 'first\nmetric: 0.5\n');
    expect(await lastLine(script.control)).toBe('metric: 0.5');
    const result = await scene.resultOf(script);
    expect(await scene.outputOf(script)).toBe('first\nmetric: 0.5\nlast, no line break');
    expect(await lastLine(script.control)).toBe('last, no line break');
    expect(result).toMatchObject({
      outputBytes: 37,
      resultLines: ['metric: 0.5'],
      tail: 'first\nmetric: 0.5\nlast, no line break',
    });
  });

  it('may be none', async () => {
    const script = await scene.start('pass');
    expect(await scene.resultOf(script)).toMatchObject({ outputBytes: 0, resultLines: [], tail: '' });
    expect(await sizeOf(script)).toBe(0);
    expect(await lastLine(script.control)).toBe('');
  });

  it('of a gigabyte is kept by its head, its tail and the result lines between, with a note on the rest', async () => {
    const script = await scene.start(
      `
import os
def put(data):
    while data: data = data[os.write(1, data):]
filler = (b'x' * 99 + b'\\n') * 10_000
put(b'the head\\n' + filler)
put(b'Validation metric (RMSE): 41\\n')
for _ in range(1000): put(filler)
put(b'metric: 42\\nthe end\\n')`,
      { limitSeconds: 100 },
    );
    const result = await scene.resultOf(script);
    const kept = await scene.outputOf(script);
    expect(result).toMatchObject({ end: 'exit', exitCode: 0, outputBytes: 1_001_000_057 });
    expect(result.resultLines).toEqual(['Validation metric (RMSE): 41', 'metric: 42']);
    expect(kept.startsWith('the head\n')).toBe(true);
    expect(kept.endsWith('metric: 42\nthe end\n')).toBe(true);
    expect(kept).toContain(
      `[coppice: ${1_001_000_057 - (256 + 640) * 1024} bytes of output left out here; result lines among them:]\n` +
        'Validation metric (RMSE): 41\n[coppice: the end of the output follows]\n',
    );
    expect(kept.length).toBeLessThanOrEqual(MIB);
    expect(result.tail).toHaveLength(16 * 1024);
  });

  it('of result lines alone stays within its cap, and the last of them are known', async () => {
    const script = await scene.start(`print('\\n'.join(f'metric: {n}' for n in range(150_000)))`);
    const { resultLines } = await scene.resultOf(script);
    expect(resultLines).toHaveLength(100);
    expect([resultLines[0], resultLines.at(-1)]).toEqual(['metric: 149900', 'metric: 149999']);
    expect(await sizeOf(script)).toBeLessThanOrEqual(MIB);
  });

  it('may be random bytes with a result line in pieces among them', async () => {
    const script = await scene.start(`
import os, time
for _ in range(20): os.write(1, os.urandom(65_536))
os.write(1, bytes([0, 0xff, 0xfe, 0x0a]))
for piece in (b'met', b'ric', b': 0.', b'75\\r', b'\\n'):
    os.write(1, piece)
    time.sleep(0.05)
os.write(1, bytes([0xc3]))`);
    const result = await scene.resultOf(script);
    expect(result.resultLines.at(-1)).toBe('metric: 0.75');
    expect(result.tail.endsWith('metric: 0.75\r\n\ufffd')).toBe(true);
    expect(await sizeOf(script)).toBeLessThanOrEqual(MIB);
  });

  it('keeps lines that report what is no finite number', async () => {
    const script = await scene.start(
      `print('metric: nan\\nMetric: -inf\\nvalidation metric (a): Infinity\\nmetric: 1 or 2')`,
    );
    const { resultLines } = await scene.resultOf(script);
    expect(resultLines).toEqual(['metric: nan', 'Metric: -inf', 'validation metric (a): Infinity']);
  });

  it('may be closed early', async () => {
    const script = await scene.start(`
import os, time
print('metric: 3', flush=True)
os.close(1), os.close(2)
time.sleep(0.5)
os._exit(4)`);
    const result = await scene.resultOf(script);
    expect(result).toMatchObject({ end: 'exit', exitCode: 4, resultLines: ['metric: 3'] });
    expect(result.seconds).toBeGreaterThan(0.5);
  });

  it('is as complete as it can be when the disk is full, and its result comes all the same', async () => {
    const result = await scene.runChanged(
      `
import builtins, errno, os
real, failures = builtins.open, [3]
def full(path, mode='r', **options):
    if failures[0] > 0 and ('result.json' in str(path) or 'output.log' in str(path)):
        failures[0] -= 1
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return real(path, mode, **options)
supervision.files.open = supervision.recorder.open = full
supervision.main.tell = lambda message: None`,
      'print("metric: 5")',
    );
    expect(result).toMatchObject({ end: 'exit', exitCode: 0, resultLines: ['metric: 5'], tail: 'metric: 5\n' });
  });

  it('shows its last line without control characters and cut to 200 characters', async () => {
    const script = await scene.make('');
    const text = `\u001b[31mred\u001b[0m \u0007${'y'.repeat(500)}\n\n  \n`;
    await writeFile(path.join(script.control, 'output.log'), text);
    expect(await lastLine(script.control)).toMatch(/^red\s+y{190,}$/);
    expect(await lastLine(script.control)).toHaveLength(200);
  });
});

describe('recording', () => {
  it('keeps ten thousand bytes of a line and notes the rest, however the bytes arrive', () => {
    const cases = fc.sample(
      fc.record({
        lines: fc.array(fc.tuple(fc.integer({ min: 0, max: 25_000 }), fc.constantFrom('\n', '\r')), { maxLength: 6 }),
        step: fc.integer({ min: 1, max: 30_000 }),
      }),
      60,
    );
    const expected = cases.map(({ lines }) =>
      lines
        .map(([length, end]) => {
          const note = length > 10_000 ? ` [line cut: ${length - 10_000} bytes left out]` : '';
          return 'a'.repeat(Math.min(length, 10_000)) + note + end;
        })
        .join(''),
    );
    const code = `
def answer(case):
    whole = ''.join('a' * length + end for length, end in case['lines']).encode()
    cutter = supervision.recorder.LineCutter()
    step = case['step']
    return b''.join(cutter.push(whole[at:at + step]) for at in range(0, len(whole), step)).decode()`;
    expect(ask(code, cases)).toEqual(expected);
  });

  it('takes the same lines for scores as the reader of scores does', () => {
    const part = fc.constantFrom(
      ...['metric', 'Metric', 'validation ', 'Validation', ' ', '(', ')', '(RMSE)', ':', '=', ': ', '+', '-', '.', '1'],
      ...['0.5', '1e5', 'e-', 'nan', 'NaN', 'inf', 'Infinity', 'x', '\t'],
    );
    const lines = [
      ...['metric: 1', 'Validation metric (log loss): -1.5e-3', 'metric = .5', 'metric: 5.', 'metric: 1 %', 'metric:'],
      ...fc.sample(fc.array(part, { maxLength: 8 }), 3000).map((parts) => parts.join('')),
      ...fc.sample(fc.array(part, { maxLength: 4 }), 3000).map((parts) => `metric: ${parts.join('')}`),
    ];
    const code = 'def answer(line): return supervision.lines.result_line(line.encode()) is not None';
    expect(ask(code, lines)).toEqual(lines.map(isMetricLine));
  });

  it('finds the last hundred result lines wherever the stream is cut', () => {
    const line = fc.constantFrom('metric: 1', 'metric: 22', 'noise', '', 'metric: x', 'a metric: 1', 'y'.repeat(400));
    const cases = fc.sample(
      fc.record({
        lines: fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 300 }),
        step: fc.integer({ min: 1, max: 2000 }),
      }),
      60,
    );
    const expected = cases.map(({ lines }) =>
      lines
        .map(([text]) => text)
        .filter(isMetricLine)
        .slice(-100),
    );
    const code = `
def answer(case):
    whole = ''.join(text + end for text, end in case['lines']).encode()
    results = supervision.recorder.ResultLines()
    for at in range(0, len(whole), case['step']): results.push(whole[at:at + case['step']], at)
    results.close(len(whole))
    return [text for _, text in results.lines]`;
    expect(ask(code, cases)).toEqual(expected);
  });
});
