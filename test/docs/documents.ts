import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const REPOSITORY = path.resolve(__dirname, '..', '..');

/** A page of the repository, taken apart as far as the tests need. */
export interface Page {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly text: string;
  /** Fenced blocks with the word after the fence. */
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
  /** Inline code. */
  readonly spans: readonly string[];
  /** Targets of links, as written. */
  readonly links: readonly string[];
}

/** Every page that people read. */
export function readPages(): Page[] {
  const documents = readdirSync(path.join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' });
  const files = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...documents.map((name) => path.join('docs', name))];
  return files.filter((file) => file.endsWith('.md')).map(readPage);
}

export function readPage(file: string): Page {
  const text = readFileSync(path.join(REPOSITORY, file), 'utf8');
  const fences = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const blocks = fences.map(([, language = '', content = '']) => ({ language, text: content }));
  const prose = text.replace(/^```\w*\n[\s\S]*?^```$/gm, '');
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, content = '']) => content.replace(/\s+/g, ' '));
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return { file, text, blocks, spans, links };
}

/** A line or phrase that people may type, with where it stands. */
export interface Typed {
  readonly file: string;
  readonly words: readonly string[];
}

/** What is typed after `program` anywhere in the code of the pages: its words up to a comment, a pipe or a stop. */
export function typedAfter(program: RegExp, pages: readonly Page[]): Typed[] {
  return pages.flatMap(({ file, blocks, spans }) =>
    [...blocks.flatMap(({ text }) => text.split('\n')), ...spans].flatMap((line) => {
      const [code = ''] = line.split(/(?:^|\s)#\s/);
      const after = program.exec(code);
      if (after === null) return [];
      const rest = code.slice(after.index + after[0].length);
      const phrase = rest.split(/\||`|;/)[0] ?? '';
      return [{ file, words: phrase.match(/'[^']*'|\S+/g) ?? [] }];
    }),
  );
}
