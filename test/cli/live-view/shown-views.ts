import { PassThrough } from 'node:stream';
import type { CommandContext } from '../../../src/cli/command-context';
import { compareRuns } from '../../../src/cli/commands/compare';
import { listRuns } from '../../../src/cli/commands/list';
import { showNode } from '../../../src/cli/commands/show';
import { showStatus } from '../../../src/cli/commands/status';
import { showTree } from '../../../src/cli/commands/tree';
import { renderFrame } from '../../../src/cli/live-view/render-frame';
import type { ArtifactStore } from '../../../src/store/artifact-store';
import { createMemoryStore } from '../../helpers/memory-store';
import { TerminalScreen } from '../../helpers/terminal-screen';
import { captureContext } from '../command-harness';
import { madeUpModel } from './made-up-run';
import { writeShownRuns } from './shown-runs';

/** The page of the documents that holds the views. */
export const VIEWS_PAGE = 'docs/terminal-views.md';

interface Width {
  readonly columns: number;
  readonly rows: number;
}

const WIDTHS: readonly Width[] = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 24 },
];

type Command = (context: CommandContext) => Promise<unknown>;

const TEXT = { json: false, all: false, depth: null };

const COMMANDS: readonly (readonly [string, Command])[] = [
  ['coppice list', (context) => listRuns(context, TEXT)],
  ['coppice status diamonds-1', (context) => showStatus(context, 'diamonds-1', TEXT)],
  ['coppice status diamonds-2', (context) => showStatus(context, 'diamonds-2', TEXT)],
  ['coppice tree diamonds-1', (context) => showTree(context, 'diamonds-1', TEXT)],
  ['coppice tree diamonds-2', (context) => showTree(context, 'diamonds-2', TEXT)],
  ['coppice show diamonds-1 12', (context) => showNode(context, 'diamonds-1', '12', TEXT)],
  [
    'coppice compare diamonds-1 diamonds-2',
    (context) => compareRuns(context, ['diamonds-1', 'diamonds-2'], { json: false }),
  ],
];

const HEAD = `# Terminal views

What coppice shows on terminals of 80 by 24 and of 200 by 24 characters, without colours, of two made-up runs: \`diamonds-1\`
is finished with 20 nodes, a person paused \`diamonds-2\` at 1,000. A test holds this page to what the commands print;
\`node --import tsx test/cli/live-view/write-views.ts\` writes it anew. What the views mean stands in [watching.md](watching.md),
with the live view of 20 nodes at 80 columns and of 1,000 at 200.
`;

/** The whole page, as it has to be. */
export async function viewsPage(): Promise<string> {
  const store = createMemoryStore();
  await writeShownRuns(store);
  const sections = [
    `## The live view of 20 nodes\n\n${fenced('200 columns', await frame(20, 200))}`,
    `## The live view of 1,000 nodes\n\n${fenced('80 columns', await frame(1000, 80))}`,
  ];
  for (const [line, command] of COMMANDS) sections.push(`## \`${line}\`\n\n${await views(command, store)}`);
  return [HEAD, ...sections.map((section) => `${section}\n`)].join('\n');
}

/** A frame of the live view of a made-up run, on a terminal of 24 rows. */
export async function frame(nodes: number, columns: number): Promise<string> {
  return renderFrame(await madeUpModel(nodes), { columns, rows: 24, coloured: false }).join('\n');
}

/** One picture for each width; one for all where they look alike. */
async function views(command: Command, store: ArtifactStore): Promise<string> {
  const pictures: [string, string][] = [];
  for (const width of WIDTHS) pictures.push([`${width.columns} columns`, await shown(command, store, width)]);
  const [[, first] = ['', '']] = pictures;
  if (pictures.every(([, picture]) => picture === first)) return fenced('80 and 200 columns', first);
  return pictures.map(([title, picture]) => fenced(title, picture)).join('\n\n');
}

/** What a terminal of that size shows of all that a command prints, with the lines that it breaks broken. */
async function shown(command: Command, store: ArtifactStore, { columns, rows }: Width): Promise<string> {
  const { context } = captureContext({ COPPICE_HOME: '/home/me/.coppice', COPPICE_STORE: '/home/me/runs' });
  const screen = new TerminalScreen(columns, 1000);
  const write = (text: string): void => {
    screen.write(text.replaceAll('\n', '\r\n'));
  };
  const line = (text: string): void => {
    write(`${text}\n`);
  };
  const stream = Object.assign(new PassThrough(), { columns, rows });
  await command({ ...context, store, write, print: line, note: line, terminal: { stream, coloured: false } });
  return screen.all.join('\n').trimEnd();
}

function fenced(title: string, picture: string): string {
  return `${title}:\n\n\`\`\`text\n${picture}\n\`\`\``;
}
