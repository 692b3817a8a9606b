import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LIMIT_MS, type DocumentedShell } from './documented-shell';
import type { Page } from './documents';
import { REPOSITORY } from './documents';

/** How a documented line is executed, where it cannot be meant word for word. */
export interface Executed {
  /** What is typed instead; by default the line as it stands. */
  readonly as?: string | (() => string);
  /** What has to be there before it. */
  readonly before?: () => Promise<unknown>;
  /** In what it prints, on either channel. */
  readonly prints?: RegExp;
  /** It goes on by itself; this tells that it is at work. */
  readonly staysAfter?: RegExp;
  /** Default: 0. */
  readonly exitCodes?: readonly number[];
}

/** A line that other tests execute, since it takes too long to do so twice. */
export interface ExecutedElsewhere {
  readonly elsewhere: readonly { readonly file: string; readonly containing: string }[];
}

/** One way for all places where the line stands, or one for each in order. */
export type Way = Executed | ExecutedElsewhere | readonly Executed[];

interface DocumentedLine {
  /** Without its comment. */
  readonly line: string;
  /** Lines of the same block that set variables for it. */
  readonly settings: readonly string[];
  /** How often it stood in the document before. */
  readonly occurrence: number;
}

/** What the shell code of a page tells people to type, in order. */
export function documentedLines({ blocks }: Page): DocumentedLine[] {
  const seen = new Map<string, number>();
  return blocks.flatMap(({ language, text }) => {
    const lines = typedIn(language, text);
    return lines.map((line, index) => {
      const occurrence = seen.get(line) ?? 0;
      seen.set(line, occurrence + 1);
      return { line, occurrence, settings: lines.slice(0, index).filter(isSetting) };
    });
  });
}

/** Of a transcript only what stands after a prompt. */
function typedIn(language: string, text: string): string[] {
  const lines = text.split('\n');
  if (language === 'console') return lines.flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));
  if (language !== 'sh' && language !== 'bash') return [];
  return lines.map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim()).filter((line) => line !== '');
}

function isSetting(line: string): boolean {
  return line.startsWith('export ');
}

/** Executes every command of a page, each as a test of its own; what the table does not know fails, and so does what it knows too many. */
export function executeCommands(page: Page, ways: Readonly<Record<string, Way>>, shell: () => DocumentedShell): void {
  const lines = documentedLines(page);

  test(`every command in ${page.file} is known here, and nothing else is`, () => {
    expect([...new Set(lines.map(({ line }) => line))].sort()).toEqual(Object.keys(ways).sort());
    for (const [line, way] of Object.entries(ways)) {
      const places = lines.filter((documented) => documented.line === line).length;
      if (isInTurns(way)) expect({ line, places }).toEqual({ line, places: way.length });
    }
  });

  test.each(lines)(
    `${page.file}: $line ($occurrence)`,
    async ({ line, settings, occurrence }) => {
      const way = ways[line];
      if (way === undefined) throw new Error(`No way is known to execute "${line}".`);
      if ('elsewhere' in way) {
        expectElsewhere(way);
        return;
      }
      const executed = isInTurns(way) ? way[occurrence] : way;
      if (executed === undefined) throw new Error(`No way is known for place ${occurrence} of "${line}".`);
      await executed.before?.();
      const set = settings.map((setting) => typedFor(setting, ways[setting]));
      await execute(shell(), [...set, typedFor(line, executed)].join('\n'), executed);
    },
    LIMIT_MS,
  );
}

function isInTurns(way: Way): way is readonly Executed[] {
  return Array.isArray(way);
}

function typedFor(line: string, way: Way | undefined): string {
  if (way === undefined || isInTurns(way) || 'elsewhere' in way || way.as === undefined) return line;
  return typeof way.as === 'string' ? way.as : way.as();
}

function expectElsewhere({ elsewhere }: ExecutedElsewhere): void {
  for (const { file, containing } of elsewhere)
    expect(readFileSync(path.join(REPOSITORY, file), 'utf8')).toContain(containing);
}

async function execute(shell: DocumentedShell, typed: string, way: Executed): Promise<void> {
  if (way.staysAfter !== undefined) return shell.stay(typed, way.staysAfter);
  const { exitCode, stdout, stderr } = await shell.run(typed);
  const output = stdout + stderr;
  expect({ typed, output, isGood: (way.exitCodes ?? [0]).includes(exitCode ?? -1) }).toMatchObject({ isGood: true });
  if (way.prints !== undefined) expect(output).toMatch(way.prints);
}
